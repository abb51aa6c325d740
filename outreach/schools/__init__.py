"""Schools as the ministry's 学校コード list names them, the bodies that found them, and their bell times."""
