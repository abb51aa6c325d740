"""Where the figures are shown: to everybody on /reach/, with the visits behind them to staff on /dashboard/."""
