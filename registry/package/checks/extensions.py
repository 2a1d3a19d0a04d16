"""File name extensions: which are usual in a package, and which are refused."""


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


USUAL_EXTENSIONS = word_set("md markdown txt json yaml yml toml csv tsv png jpg jpeg svg webp")
MARKDOWN = word_set("md markdown")
TEXTS = word_set("md markdown txt json yaml yml toml csv tsv")
IMAGES = word_set("png jpg jpeg svg webp gif bmp tif tiff ico avif heic")
BLOCKED_EXTENSIONS = (
    # Shells and their profiles.
    word_set("sh bash zsh fish ksh csh tcsh dash command bashrc zshrc kshrc cshrc")
    | word_set("bash_profile bash_login bash_logout bash_aliases zprofile zshenv zlogin zlogout")
    # Scripts and their compiled forms.
    | word_set("js jsx ts tsx mjs cjs mts cts py pyw pyc pyo pyd pyx pyz pyzw ipynb rb erb rbw")
    | word_set("php php3 php4 php5 php7 php8 phtml phar pl pm cgi lua luac tcl awk r groovy gvy")
    | word_set("kts ex exs erl applescript scpt scptd osascript workflow")
    # Windows.
    | word_set("exe bat cmd com scr pif msi msp msix msixbundle appx appxbundle ps1 ps1xml psm1")
    | word_set("psd1 psc1 vbs vbe vb wsf wsh wsc ws hta jse cpl dll ocx sys drv lnk reg inf chm")
    | word_set("gadget scf url ahk au3")
    # Libraries, programs, and packages of programs.
    | word_set("so dylib bundle node o elf bin run app appimage apk aab ipa deb rpm pkg dmg mpkg")
    | word_set("snap flatpak flatpakref jar war ear class dex wasm wat swf xpi crx desktop asar")
    | word_set("service egg whl gem nupkg vsix")
)
_USUAL_NAMES = word_set("license licence copying notice readme changelog authors contributors")


def get_extension(path: str) -> str:
    """Returns the part after the last dot of the file name, in lower case, or ""."""
    name = path.rsplit("/", 1)[-1].lower()
    # Libraries have numbers behind their extension: libx.so.1.2.
    if name.rstrip(".0123456789").endswith(".so"):
        return "so"
    return name.rpartition(".")[2] if "." in name else ""


def is_usual(path: str) -> bool:
    """Returns whether packages usually contain files like this one."""
    name = path.rsplit("/", 1)[-1].lower()
    return get_extension(path) in USUAL_EXTENSIONS or name in _USUAL_NAMES
