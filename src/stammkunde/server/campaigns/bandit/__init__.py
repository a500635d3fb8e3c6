"""Which of several subject lines the next mails carry: arithmetic on sums, without a database and without a clock."""
