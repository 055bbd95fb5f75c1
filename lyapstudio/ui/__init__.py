"""PySide6 and pyqtgraph: panels edit the document, views read frames."""
