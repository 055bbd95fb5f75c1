"""The accuracies that the program reaches, each by one command, with the logs of their runs."""
