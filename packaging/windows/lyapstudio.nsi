; The Windows installer: for the user who runs it, without administrator rights. packaging/nsis.py
; compiles it and defines VERSION, FOUR (four numbers), SOURCE (the frozen program), ICONS, LICENCE,
; SIZE_KB and RESULT.
Unicode true
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include "MUI2.nsh"
!include "x64.nsh"

!define NAME "Lyapunov Studio"
!define TYPE "LyapunovStudio.Document"
!define MIME "application/x-lyapstudio"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\lyapstudio"
!define CLASSES "Software\Classes"

Name "${NAME}"
OutFile "${RESULT}"
InstallDir "$LOCALAPPDATA\Programs\Lyapunov Studio"
InstallDirRegKey HKCU "Software\Lyapunov Studio" "Folder"
BrandingText "${NAME} ${VERSION}"

VIProductVersion "${FOUR}"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} installer"
VIAddVersionKey "CompanyName" "The Lyapunov Studio developers"
VIAddVersionKey "LegalCopyright" "MIT licence"

!define MUI_ICON "${ICONS}\lyapstudio.ico"
!define MUI_UNICON "${ICONS}\lyapstudio.ico"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\lyapstudio.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Open ${NAME}"

!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "${NAME} needs a 64-bit Windows."
    Abort
  ${EndIf}
FunctionEnd

; The explorer reads document types and icons anew.
!macro Refresh
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

; Only what the installer itself put there: a folder chosen by hand may hold other things.
!macro RemoveProgram
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\lyapstudio.exe"
  Delete "$INSTDIR\lyapstudio-console.exe"
  Delete "$INSTDIR\document.ico"
!macroend

Section "Install"
  !insertmacro RemoveProgram
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}\*"
  File "/oname=document.ico" "${ICONS}\document.ico"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\lyapstudio.exe"

  WriteRegStr HKCU "Software\Lyapunov Studio" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${CLASSES}\.lyap\OpenWithProgids" "${TYPE}" ""
  WriteRegStr HKCU "${CLASSES}\.lyap" "" "${TYPE}"
  WriteRegStr HKCU "${CLASSES}\.lyap" "Content Type" "${MIME}"
  WriteRegStr HKCU "${CLASSES}\${TYPE}" "" "${NAME} document"
  WriteRegStr HKCU "${CLASSES}\${TYPE}\DefaultIcon" "" "$INSTDIR\document.ico"
  WriteRegStr HKCU "${CLASSES}\${TYPE}\shell\open\command" "" '"$INSTDIR\lyapstudio.exe" "%1"'
  !insertmacro Refresh

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\lyapstudio.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Lyapunov Studio developers"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  !insertmacro RemoveProgram
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${CLASSES}\${TYPE}"
  DeleteRegValue HKCU "${CLASSES}\.lyap\OpenWithProgids" "${TYPE}"
  ReadRegStr $0 HKCU "${CLASSES}\.lyap" ""
  StrCmp $0 "${TYPE}" 0 +2
    DeleteRegKey HKCU "${CLASSES}\.lyap"
  ; "Folder" only: the program's own settings stay, as the user's documents do
  DeleteRegValue HKCU "Software\Lyapunov Studio" "Folder"
  DeleteRegKey /ifempty HKCU "Software\Lyapunov Studio"
  !insertmacro Refresh
SectionEnd
