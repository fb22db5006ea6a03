"""Started by the file `start` beside this one: `python script/house COMMAND [ARGUMENT…]`."""
import sys
from pathlib import Path


def main() -> int:
    """Run the command that was asked for and return its exit code."""
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from house.commands import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
