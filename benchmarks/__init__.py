"""How fast the addon is, each figure beside an opponent measured in the same run."""
