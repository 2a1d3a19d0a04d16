"""What a file's name says about it."""

import re


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KNOWN = words("md markdown txt json yaml yml toml csv tsv png jpg jpeg svg webp")
MARKDOWN = words("md markdown")
IMAGES = words("png jpg jpeg svg webp gif bmp tif tiff ico avif heic")
BLOCKED = (
    # shells and their profiles
    words("sh bash zsh fish ksh csh tcsh dash command bashrc zshrc kshrc cshrc")
    | words("bash_profile bash_login bash_logout bash_aliases zprofile zshenv zlogin zlogout")
    # scripts and their compiled forms
    | words("js jsx ts tsx mjs cjs mts cts py pyw pyc pyo pyd pyx pyz pyzw ipynb rb erb rbw")
    | words("php php3 php4 php5 php7 php8 phtml phar pl pm cgi lua luac tcl awk r groovy gvy kts")
    | words("ex exs erl applescript scpt scptd osascript workflow")
    # Windows
    | words("exe bat cmd com scr pif msi msp msix msixbundle appx appxbundle ps1 ps1xml psm1 psd1")
    | words("psc1 vbs vbe vb wsf wsh wsc ws hta jse cpl dll ocx sys drv lnk reg inf gadget chm scf")
    | words("url ahk au3")
    # libraries, programs, packages of programs
    | words("so dylib bundle node o elf bin run app appimage apk aab ipa deb rpm pkg dmg mpkg snap")
    | words("flatpak flatpakref jar war ear class dex wasm wat swf xpi crx desktop service asar")
    | words("egg whl gem nupkg vsix")
)
_NUMBERED_LIBRARY = re.compile(r"\.so(\.\d+)+$")
_NEEDS_NO_EXTENSION = words("license licence copying notice readme changelog authors contributors")


def extension(path: str) -> str:
    """The part after the last dot of the file name, in lower case; empty without a dot."""
    name = path.rsplit("/", 1)[-1].lower()
    if _NUMBERED_LIBRARY.search(name):
        return "so"
    return name.rpartition(".")[2] if "." in name else ""


def is_unknown(path: str) -> bool:
    """True unless the file is of a kind that agents are made of. A bare LICENSE is."""
    name = path.rsplit("/", 1)[-1].lower()
    return extension(path) not in KNOWN and name not in _NEEDS_NO_EXTENSION
