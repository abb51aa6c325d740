"""The rooms of the bodies that found schools (教育委員会ほか設置者): their schools, what these ask for, and the route."""
