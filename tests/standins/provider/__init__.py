"""The provider plugins ``aws`` and ``gcp``: as strict as the real ones, and nothing behind them but a folder."""
