"""`python -m app` is `casefold`."""

from app.cli import app

if __name__ == "__main__":
    app(prog_name="casefold")
