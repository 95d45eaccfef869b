"""Some weeks of a clinic, played in one Odoo process whose clock the play drives.

    python -m fortnight DATABASE --visits 2000 --seed 1

`story` says what people will do, `robot` is a Voicebox with bad manners, `office` is
the clinic's Odoo, `truth` holds what was promised against what is there at the end.
"""
