"""The demo catalogue: agents with a past, published through the real pipeline.

`demo/<login>/<agent>/<version>/` has all files of the lowest version; every later version has only
the files that differ. `store/` beside them has the images. The change logs say when a version
appeared, and `demo/catalogue.json` has the people and what happened besides. All days move by the
same number of days, so that the last event is a few days old on the day of loading.
"""

from devtools.demo.catalogue import DEMO, list_numbers
from devtools.demo.loading import NotInProduction, load_demo

__all__ = ["DEMO", "NotInProduction", "list_numbers", "load_demo"]
