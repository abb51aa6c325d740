"""カレンダー: a person's visits, offers and times as days, weeks and months, and the addresses at which their own calendar reads them."""
