"""`python -m deploy.demo`: what `make demo` runs."""

from deploy.demo.play import main

if __name__ == "__main__":
    main()
