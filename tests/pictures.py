"""Pictures of the console's pages in a third of their bytes: 256 colours are more than they have to show.

``python tests/pictures.py DIRECTORY``, with Pillow; ``make screenshots`` does it.
"""

import sys
from pathlib import Path

from PIL import Image

for path in sorted(Path(sys.argv[1]).glob("*.png")):
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
