"""Der Bericht auf Deutsch: ohne Anrede, damit er in jedes Haus passt."""

WORDS = {
    # --- Seite
    "title": "Was unsere Kunden wert sind",
    "brand": "Stammkunde · Bericht zum Kundenwert",
    "h1": "{customers} Kunde bringt in {horizon} voraussichtlich {value}"
    " | {customers} Kunden bringen in {horizon} voraussichtlich {value}",
    "h1_none": "{customers} Kunde hat bisher {value} gebracht; für eine Prognose reicht das noch nicht"
    " | {customers} Kunden haben bisher {value} gebracht; für eine Prognose reicht das noch nicht",
    "standfirst": "Mit {level} Wahrscheinlichkeit liegt der Betrag zwischen {low} und {high}. Bisher waren es "
    "{historic}.",
    "standfirst_none": "Was noch zu erwarten ist, lässt sich nicht sagen: Zu wenige sind wiedergekommen.",
    "trust_close": "An der Vergangenheit geprüft, fiel dieselbe Rechnung {off} aus.",
    "trust_wide": "An der Vergangenheit geprüft, fiel dieselbe Rechnung {off} aus: Die Reihenfolge der Kunden ist "
    "verlässlicher als die Summen.",
    "trust_none": "An der Vergangenheit prüfen ließ sich das nicht: Die Daten reichen nicht weit genug zurück oder "
    "sind zu wenige.",
    "off_low": "um {error} zu niedrig",
    "off_high": "um {error} zu hoch",
    "off_none": "etwa richtig",
    "contents": "Inhalt",
    "skip": "Direkt zu den Zahlen",
    "details_table": "Als Tabelle zeigen",
    "figure_about": "Grundlage: {basis}, Bestellungen vom {from_day} bis {until}.",
    "more": "Kunden zeigen",
    "footer": "Berechnet am {computed} mit Stammkunde aus Bestellungen vom {from_day} bis {until}. Diese Datei "
    "braucht kein Netz und sendet nichts.",
    # --- worum es geht
    "meta_basis": "Werte sind",
    "meta_period": "Bestellungen",
    "meta_horizon": "Prognose",
    "meta_computed": "Berechnet",
    "meta_model": "Modell",
    "meta_source": "Quelle",
    "meta_currency": "Währung",
    "currency_unknown": "in den Daten nicht genannt",
    "range_days": "{from_day} bis {until}",
    "basis_revenue": "Umsatz",
    "basis_contribution": "Deckungsbeitrag",
    "basis_long_revenue": "Umsatz abzüglich Erstattungen; Kosten sind nicht abgezogen",
    "basis_long_contribution": "Deckungsbeitrag: Umsatz abzüglich Umsatzsteuer, Erstattungen, Ware, Versand und "
    "Gebühren, soweit bekannt",
    # --- Kennzahlen
    "headline": "Die Zahlen",
    "stat_predicted": "Erwarteter Wert",
    "stat_predicted_note": "{low} bis {high} ({level}-Intervall), {basis}, bis {end}",
    "stat_historic": "Wert bisher",
    "stat_historic_note": "{basis}, {from_day} bis {until}",
    "stat_customers": "Kunden",
    "stat_customers_note": "{orders} Bestelltag; {share} sind wiedergekommen"
    " | {orders} Bestelltage; {share} sind wiedergekommen",
    "stat_active": "Noch Kunden",
    "stat_active_note": "erwartet am {until}: {share} von allen; Summe aller Wahrscheinlichkeiten",
    "stat_new": "Ein neuer Kunde",
    "stat_new_note": "{basis}, in den ersten 12 Monaten erwartet, erste Bestellung eingeschlossen",
    "not_yet": "noch nicht",
    "not_yet_note": "braucht Kunden, die wiedergekommen sind",
    # --- Was zuerst zu tun ist
    "actions": "Was zuerst zu tun ist",
    "actions_none": "Nichts fällt aus dem Rahmen. Die Zahlen unten zeigen, wie der Shop läuft.",
    "find_lapsed_title": "{customers} Stammkunde ist verstummt | {customers} Stammkunden sind verstummt",
    "find_lapsed_text": "Sie haben etwa alle {usual} Tage bestellt und sind nun seit {silence} Tagen still. Zusammen "
    "brachten sie {yearly} im Jahr. Zuerst an sie schreiben, an die wertvollsten von Hand: Je eine Bestellung brächte "
    "etwa {next}.",
    "find_window_title": "Innerhalb von {days} Tag um die zweite Bestellung werben"
    " | Innerhalb von {days} Tagen um die zweite Bestellung werben",
    "find_window_text": "Die Hälfte aller zweiten Bestellungen kommt binnen {half} Tagen nach der ersten, vier "
    "Fünftel binnen {most}. Die Nachfassmail gehört vor Tag {half}, die letzte Erinnerung vor Tag {most}. "
    "Erstbesteller, die gerade in dieser Spanne stehen: {now}.",
    "find_once_title": "{customers} Kunde hat einmal bestellt und ist über diese Spanne hinaus"
    " | {customers} Kunden haben einmal bestellt und sind über diese Spanne hinaus",
    "find_once_text": "Das sind {share} aller Kunden. Die erste Bestellung brachte bei ihnen im Mittel {first}, bei "
    "Wiederkehrern {repeaters}. Noch ein gutes Angebot, dann Ruhe.",
    "find_concentration_title": "Ein Zehntel der Kunden trägt {share} des Werts",
    "find_concentration_text": "Das sind {customers} Menschen. Man sollte sie beim Namen kennen, fragen, bevor sie "
    "gehen, und neue Preise nie zuerst an ihnen versuchen. Die Liste steht im nächsten Abschnitt.",
    "find_single_title": "Ein einziger Kunde macht {share} des Werts aus",
    "find_single_text": "Sein Weggang wäre sofort zu spüren. Mit ihm sprechen und das Jahr auch ohne ihn planen.",
    "find_basis_title": "Diese Werte sind Umsatz, nicht Gewinn",
    "find_basis_text": "Ware, Versand, Gebühren und Umsatzsteuer sind nicht abgezogen. Mit Kostenspalten oder ‑sätzen "
    "kann sich die Reihenfolge ändern: Wer nur mit Rabatt kauft, fällt zurück.",
    "find_estimated_title": "{share} der Kosten sind geschätzt",
    "find_estimated_text": "Sie stammen aus angegebenen Sätzen, nicht aus den Bestellungen. Vor Entscheidungen über "
    "Rabatte die fehlenden Kostenspalten in den Export aufnehmen.",
    "find_rejected_title": "{rows} Zeile war nicht lesbar | {rows} Zeilen waren nicht lesbar",
    "find_rejected_text": "Das sind {share} aller Zeilen; häufigster Grund: {reason}. Die Liste im Abschnitt zu den "
    "Daten nennt Zeile und Spalte. In der Quelle berichtigen und neu rechnen.",
    "find_guests_title": "{share} der Zeilen gehören niemandem",
    "find_guests_text": "{rows} Zeilen haben keinen Kunden, meist sind es Gäste. Was sie kaufen, zählt für keinen, "
    "und so sehen Kunden weniger treu aus, als sie sind. Wo das Recht es erlaubt, über die E-Mail-Adresse "
    "zusammenführen.",
    "find_bias_title": "Der Reihenfolge mehr trauen als der Summe",
    "find_bias_text": "In den Rückrechnungen lag die Summe im Mittel um {error} daneben. Die Prognose taugt dazu, "
    "auszuwählen, wem geschrieben wird, noch nicht für das Budget.",
    "find_naive_title": "Eine einfache Regel sagt hier ebenso gut voraus",
    "find_naive_text": "Kein Modell schlug „{naive}“ an der eigenen Vergangenheit dieses Shops. Der Bericht nimmt das "
    "Beste, was es gibt; mit mehr Daten kann sich das ändern.",
    "find_small_title": "Erst {customers} Kunde ist wiedergekommen | Erst {customers} Kunden sind wiedergekommen",
    "find_small_text": "Die Intervalle zeigen es: Sie sind breit. Bis mehr Bestellungen da sind, stützen typische "
    "Shops die Zahlen.",
    "find_none_title": "Noch ist niemand wiedergekommen",
    "find_none_text": "Ohne zweite Bestellungen lässt sich nicht sagen, was ein Kunde wert sein wird. Die ersten "
    "Kunden um ihre zweite Bestellung bitten und in einigen Wochen neu rechnen.",
    # --- Wert
    "value": "Wo der Wert liegt",
    "value_lead": "Der Wert bisher, vom besten Kunden an der Reihe nach.",
    "value_none": "Dazu braucht es mindestens zehn Kunden.",
    "concentration_title": "Das beste Zehntel der Kunden brachte {tenth} des Werts",
    "concentration_summary": "Das beste Fünftel brachte {fifth}, die bessere Hälfte {half}, der größte einzelne Kunde "
    "{single}.",
    "concentration_table": "Anteil am Wert nach Anteil der Kunden",
    "axis_value_share": "Anteil am Wert",
    "axis_customer_share": "Anteil der Kunden, beste zuerst",
    "label_alike": "wenn alle gleich wären",
    "label_top": "beste {share}: {value}",
    "row_best": "beste {share}",
    "best": "Von wem am meisten zu erwarten ist",
    "best_table": "Kunden mit dem höchsten erwarteten Wert in {horizon}",
    # --- Spalten
    "column_customers": "Kunden",
    "column_customer": "Kunde",
    "column_orders": "Bestelltage",
    "column_last_order": "Zuletzt",
    "column_historic": "Bisher",
    "column_alive": "Noch Kunde",
    "column_predicted": "Erwartet",
    "column_interval": "Intervall",
    "column_low": "Von",
    "column_high": "Bis",
    "column_error": "Fehler in %",
    "column_week": "Woche ab",
    "column_month": "Monat",
    "column_quarter": "Quartal",
    "column_year": "Jahr",
    "column_cohort_month": "Erste Bestellung",
    "column_cohort_quarter": "Erste Bestellung",
    "column_cohort_year": "Erste Bestellung",
    "column_value_per_customer": "Wert je Kunde",
    "column_again": "Wiedergekommen",
    "interval": "{low} bis {high}",
    # --- Kohorten
    "cohorts": "Wie der Wert mit der Zeit wächst",
    "cohorts_lead": "Kunden nach dem Zeitraum ihrer ersten Bestellung, im selben Alter verglichen und immer je "
    "ursprünglichem Kunden.",
    "cohorts_none": "Dazu braucht es einen vollen Zeitraum nach den ersten Bestellungen, also einige Wochen mehr.",
    "cohort_value_title_month": "Nach {age} Monat hat ein Kunde im Mittel {value} gebracht"
    " | Nach {age} Monaten hat ein Kunde im Mittel {value} gebracht",
    "cohort_value_title_quarter": "Nach {age} Quartal hat ein Kunde im Mittel {value} gebracht"
    " | Nach {age} Quartalen hat ein Kunde im Mittel {value} gebracht",
    "cohort_value_title_year": "Nach {age} Jahr hat ein Kunde im Mittel {value} gebracht"
    " | Nach {age} Jahren hat ein Kunde im Mittel {value} gebracht",
    "cohort_value_summary": "Im Zeitraum der ersten Bestellung waren es {first}, am Ende {value}; bisher gibt es eine "
    "Kohorte."
    " | Im Zeitraum der ersten Bestellung waren es {first}, am Ende {value}; dünne Linien sind die {cohorts} Kohorten "
    "hinter dem Mittel.",
    "cohort_value_note": "Kräftig: Mittel der Kohorten, die dieses Alter erreicht haben. Dünn: einzelne Kohorten. "
    "Angebrochene Zeiträume fehlen.",
    "cohort_value_table": "Wert bisher je ursprünglichem Kunden, nach Zeiträumen seit der ersten Bestellung",
    "axis_value_per_customer": "Wert je Kunde {currency}",
    "axis_age_month": "Monate seit der ersten Bestellung",
    "axis_age_quarter": "Quartale seit der ersten Bestellung",
    "axis_age_year": "Jahre seit der ersten Bestellung",
    "label_mean": "alle",
    "retention_title_month": "{next} bestellen im Folgemonat wieder"
    " | {next} bestellen im Folgemonat wieder, {last} im {age}. Monat",
    "retention_title_quarter": "{next} bestellen im Folgequartal wieder"
    " | {next} bestellen im Folgequartal wieder, {last} im {age}. Quartal",
    "retention_title_year": "{next} bestellen im Folgejahr wieder"
    " | {next} bestellen im Folgejahr wieder, {last} im {age}. Jahr",
    "retention_summary_month": "Von den Neukunden eines Monats bestellen {next} im Monat darauf, im Mittel aller "
    "Kohorten, die alt genug sind."
    " | Von den Neukunden eines Monats bestellen {next} im Monat darauf und {last} im {age}. Monat, im Mittel aller "
    "Kohorten, die alt genug sind.",
    "retention_summary_quarter": "Von den Neukunden eines Quartals bestellen {next} im Quartal darauf, im Mittel "
    "aller Kohorten, die alt genug sind."
    " | Von den Neukunden eines Quartals bestellen {next} im Quartal darauf und {last} im {age}. Quartal, im Mittel "
    "aller Kohorten, die alt genug sind.",
    "retention_summary_year": "Von den Neukunden eines Jahres bestellen {next} im Jahr darauf, im Mittel aller "
    "Kohorten, die alt genug sind."
    " | Von den Neukunden eines Jahres bestellen {next} im Jahr darauf und {last} im {age}. Jahr, im Mittel aller "
    "Kohorten, die alt genug sind.",
    "retention_note": "Prozent der Kunden einer Kohorte, die in diesem Zeitraum bestellt haben. Grau, in der Tabelle "
    "mit Stern: noch nicht zu Ende.",
    "retention_table": "Anteil der Kunden mit Bestellung, nach Zeiträumen seit der ersten",
    "groups_title_channel": "Am meisten wert sind Kunden, die über {name} kamen",
    "groups_title_country": "Am meisten wert sind Kunden aus {name}",
    "groups_title_product": "Am meisten wert sind Kunden, die mit {name} begannen",
    "groups_summary": "Binnen {days} Tagen nach der ersten Bestellung brachten sie je {value}; bei {last} waren es "
    "{least}. Dass das eine vom anderen kommt, ist damit nicht bewiesen.",
    "groups_table": "Wert je Kunde, {days} ab der ersten Bestellung, nach: {by}",
    "by_channel": "erster Kanal",
    "by_country": "Land",
    "by_product": "erstes Produkt",
    # --- zweite Bestellung
    "second": "Die zweite Bestellung",
    "second_lead": "Der größte Schritt im Leben eines Kunden ist der von der ersten zur zweiten Bestellung.",
    "second_none": "Noch hat niemand ein zweites Mal bestellt; eine Kurve gibt es daher nicht.",
    "second_order_title": "Die Hälfte der zweiten Bestellungen kommt binnen {days} Tag"
    " | Die Hälfte der zweiten Bestellungen kommt binnen {days} Tagen",
    "second_order_summary": "Bis Tag {end} nach der ersten Bestellung sind {share} wiedergekommen; die Hälfte der "
    "zweiten Bestellungen kam bis Tag {days}, vier Fünftel bis Tag {most}.",
    "second_order_note": "Anteil der bis zu diesem Tag Wiedergekommenen; wer noch zu jung ist, zählt angemessen mit "
    "(Kaplan–Meier). Band: 95-%-Intervall.",
    "second_order_table": "Anteil der Wiedergekommenen nach Tagen seit der ersten Bestellung",
    "axis_days": "Tage seit der ersten Bestellung",
    "axis_came_back": "Anteil der Wiedergekommenen",
    "label_half": "Hälfte bis Tag {days}",
    "label_most": "vier Fünftel bis Tag {days}",
    "row_within": "binnen {days} Tag | binnen {days} Tagen",
    "once": "Wer nur einmal bestellt hat",
    "once_text": "{customers} Kunde ({share}) hat einmal bestellt: {first}, vor {days} Tagen. Bei Wiederkehrern lag "
    "die erste Bestellung im Mittel bei {repeaters}."
    " | {customers} Kunden ({share}) haben einmal bestellt. Die erste Bestellung lag im Mittel bei {first}, bei "
    "Wiederkehrern bei {repeaters}; bei der Hälfte ist sie mehr als {days} Tage her.",
    "once_text_all": "{customers} Kunde hat einmal bestellt: {first}, vor {days} Tagen. Wiedergekommen ist noch "
    "niemand."
    " | {customers} Kunden haben einmal bestellt, im Mittel für {first}, die Hälfte vor mehr als {days} Tagen. "
    "Wiedergekommen ist noch niemand.",
    "once_active": "Nach dem Modell ist davon etwa einer noch Kunde."
    " | Nach dem Modell sind davon etwa {active} noch Kunden.",
    # --- noch Kunde
    "alive": "Wer noch Kunde ist",
    "alive_lead": "Niemand meldet sich bei einem Shop ab. Stille liest sich nur am eigenen Rhythmus eines Kunden.",
    "alive_none": "Dazu braucht es ein angepasstes Modell, und dafür Kunden, die wiedergekommen sind.",
    "alive_all": "Die Bestellungen zeigen kein Anzeichen, dass Kunden dieses Shops für immer gehen: Nach dem Modell "
    "sind fast alle noch Kunden, manche in langsamem Takt. Eine Karte gibt es darum nicht; mehr sagt der erwartete "
    "Wert jedes Kunden.",
    "alive_title": "{customers} Kunde ist eher fort als noch da ({share})"
    " | {customers} Kunden sind eher fort als noch da ({share})",
    "alive_summary": "Wer {orders} oder mehr Bestellungen hat und seit {days} Tagen still ist, ist eher fort als noch "
    "da.",
    "alive_summary_none": "In keiner Gruppe mit zwei oder mehr Bestellungen ist der typische Kunde eher fort als noch "
    "da.",
    "alive_note": "Mittlere Wahrscheinlichkeit, noch Kunde zu sein, in Prozent; auf breiten Bildschirmen darunter die "
    "Zahl der Kunden. Es ist eine Wahrscheinlichkeit, kein Urteil über Einzelne.",
    "alive_table": "Mittlere Wahrscheinlichkeit, noch Kunde zu sein (Zahl der Kunden), nach Bestelltagen und Tagen "
    "seit der letzten",
    "axis_silence": "Tage seit der letzten Bestellung",
    "axis_orders": "Bestelltage",
    # --- Vertrauen
    "trust": "Wie weit der Prognose zu trauen ist",
    "trust_lead": "Die Prognose wurde an der Vergangenheit geprüft: berechnet aus dem, was an einem früheren Tag "
    "bekannt war, dann verglichen mit dem, was kam.",
    "trust_missing": "Die Daten reichen nicht weit genug zurück oder sind zu wenige, um eine Prognose daran zu "
    "prüfen. Alle Prognosen sind mit diesem Vorbehalt zu lesen.",
    "tracking_title": "Bestellungen nach dem {origin} waren {off} vorhergesagt",
    "tracking_summary": "Das Modell erwartete {expected} weitere Bestelltage, ohne einen davon zu sehen; {actual} "
    "kamen.",
    "tracking_note": "Weitere Bestelltage aller Kunden, gezählt und erwartet; bei später gewonnenen ab ihrer eigenen "
    "ersten Bestellung. Das Modell sah nur, was links der gestrichelten Linie liegt.",
    "tracking_table": "Weitere Bestelltage, gezählt und erwartet",
    "label_actual": "gezählt",
    "label_expected": "erwartet",
    "label_origin": "vom Modell gesehen",
    "label_ahead": "nicht vom Modell gesehen",
    "axis_repeat_orders_week": "Weitere Bestelltage je Woche",
    "axis_repeat_orders_month": "Weitere Bestelltage je Monat",
    "axis_repeat_orders_quarter": "Weitere Bestelltage je Quartal",
    "axis_repeat_orders_year": "Weitere Bestelltage je Jahr",
    "calibration_title": "Vom besten Zehntel waren je {best_predicted} erwartet, {best_actual} kamen",
    "calibration_summary": "Vom {origin} bis {end} waren zusammen {predicted} erwartet, {actual} kamen ({error}); "
    "jede Zeile ist ein Zehntel der Kunden, die mit der höchsten Prognose zuerst.",
    "calibration_note": "Ring: erwarteter Mittelwert je Kunde. Punkt: was kam. Je näher beieinander, desto besser.",
    "calibration_table": "Mittlerer Wert je Kunde, erwartet und gekommen, nach Zehnteln der Prognose",
    "axis_tenth": "Zehntel",
    "axis_mean_value": "Mittlerer Wert je Kunde {currency}",
    "label_predicted": "erwartet",
    "label_came": "kam",
    "models": "Die Kandidaten",
    "models_text_good": "Gewählt: {model}. In {origins} Rückrechnung über {days} Tage lag dieses Verfahren vor der "
    "besten einfachen Regel ({naive})."
    " | Gewählt: {model}. In {origins} Rückrechnungen über rund {days} Tage lag dieses Verfahren vor der besten "
    "einfachen Regel ({naive}).",
    "models_text_naive": "Kein Modell schlägt die einfache Regel „{naive}“ in {origins} Rückrechnung über {days} "
    "Tage. Die Zahlen dieses Berichts sind nicht besser als diese Regel und so zu lesen."
    " | Kein Modell schlägt die einfache Regel „{naive}“ in {origins} Rückrechnungen über {days} Tage. Die Zahlen "
    "dieses Berichts sind nicht besser als diese Regel und so zu lesen.",
    "models_table": "Kandidaten über alle Rückrechnungen, der beste zuerst",
    "column_model": "Kandidat",
    "column_value_error": "Wert verfehlt um, je Kunde",
    "column_order_error": "Bestellungen verfehlt um, je Kunde",
    "column_total_error": "Summe daneben um",
    "column_ranking": "Reihenfolge (1 ist vollkommen)",
    "tag_chosen": "gewählt",
    "tag_naive": "einfache Regel",
    "model_auto": "Automatische Wahl: das beste Modell der Bestellabstände, angepasst an die Vergangenheit dieses "
    "Shops",
    "model_own-pace": "Eigener Takt: Alle machen weiter wie bisher",
    "model_last-period": "Noch einmal so: Alle wiederholen, was der letzte gleich lange Zeitraum brachte",
    "model_nbd": "NBD: Jeder kauft im eigenen Takt, und niemand hört je auf",
    "model_bg-nbd": "BG/NBD: Jeder kauft im eigenen Takt und kann nach jeder Bestellung aufhören",
    "model_mbg-nbd": "MBG/NBD: wie BG/NBD, aufhören geht auch nach der ersten",
    "model_pareto-nbd": "Pareto/NBD: Jeder kauft im eigenen Takt und kann jederzeit aufhören",
    "model_bg-cnbd-k": "BG/CNBD-k: wie BG/NBD, mit regelmäßigem Abstand zwischen Bestellungen",
    "model_mbg-cnbd-k": "MBG/CNBD-k: wie MBG/NBD, mit regelmäßigem Abstand zwischen Bestellungen",
    "model_boost": "Entscheidungsbäume: ein Kaufzeitmodell, berichtigt um, was die Vergangenheit dieses Shops lehrt",
    # --- Daten
    "data": "Worauf die Zahlen beruhen",
    "data_lead": "Vor jedem Entschluss die Summen mit den Auswertungen des Shops vergleichen.",
    "rows_table": "Von den gelesenen zu den verwendeten Zeilen",
    "column_step": "",
    "column_rows": "Zeilen",
    "column_amount": "Betrag",
    "row_read": "Gelesen",
    "row_rejected": "ausgelassen: {reason}",
    "row_other": "ausgelassen: Übriges",
    "row_accepted": "Verwendet",
    "row_refunds": "davon Erstattungen",
    "rejects_summary": "Beispiele ausgelassener Zeilen zeigen",
    "rejects_table": "Beispiele ausgelassener Zeilen",
    "column_row": "Zeile",
    "column_column": "Spalte",
    "column_reason": "Grund",
    "column_value": "Was dort stand",
    "estimated": "{share} der Kosten sind aus angegebenen Sätzen geschätzt.",
    "estimated_none": "Keine Kosten sind geschätzt.",
    "no_costs": "Kosten sind nicht angegeben; die Werte sind daher Umsatz abzüglich Erstattungen.",
    "warnings": "Hinweise der Berechnung",
    "quality_none": "Alle Zeilen waren verwendbar.",
    "quality_unknown": "Der Bericht beruht auf fertigen Summen je Kunde; über die Zeilen dahinter ist nichts bekannt.",
    # --- Wörter
    "terms": "Begriffe in diesem Bericht",
    "term_value": "Wert",
    "term_value_text": "Was ein Kunde gebracht hat oder voraussichtlich bringt, auf der oben genannten Grundlage, "
    "Erstattungen abgezogen.",
    "term_order_day": "Bestelltag",
    "term_order_day_text": "Ein Tag, an dem ein Kunde bestellt hat; mehrere Bestellungen eines Tages zählen einmal.",
    "term_alive": "Noch Kunde",
    "term_alive_text": "Die Wahrscheinlichkeit, dass jemand noch Kunde ist, nach Zahl und Zeitpunkt seiner "
    "Bestellungen.",
    "term_interval": "Intervall",
    "term_interval_text": "Darin liegt der wahre Wert mit {level} Wahrscheinlichkeit, wenn die Zukunft der "
    "Vergangenheit gleicht.",
    "term_cohort": "Kohorte",
    "term_cohort_text": "Alle Kunden, deren erste Bestellung in denselben Zeitraum fiel.",
    "term_backtest": "Rückrechnung",
    "term_backtest_text": "Eine Prognose aus alten Daten für eine Zeit, die schon vorbei ist, um zu sehen, wie gut "
    "sie war.",
    "term_ranking": "Reihenfolge",
    "term_ranking_text": "Wie gut eine Prognose Kunden nach dem sortiert, was sie bringen werden: 1 ist vollkommen, 0 "
    "Zufall (normierter Gini).",
    # --- Gründe
    "reason_no_customer": "kein Kunde",
    "reason_no_date": "kein Datum",
    "reason_bad_date": "Datum nicht lesbar",
    "reason_no_amount": "kein Betrag",
    "reason_bad_amount": "Betrag nicht lesbar",
    "reason_crooked_row": "mehr Werte als Spalten",
    "reason_further_line": "weitere Zeile einer schon gezählten Bestellung",
    "reason_no_currency": "keine Währung",
    "reason_no_quantity": "keine Menge",
    "reason_bad_quantity": "Menge nicht lesbar",
    "reason_no_price": "kein Preis",
    "reason_bad_price": "Preis nicht lesbar",
    "reason_bad_refund": "Erstattung nicht lesbar",
    "reason_bad_discount": "Rabatt nicht lesbar",
    "reason_bad_shipping_charged": "Versandkosten nicht lesbar",
    "reason_amount_too_large": "Betrag zu groß, um wahr zu sein",
    "reason_not_paid": "nicht bezahlt",
    "reason_refunded": "ganz erstattet",
    "reason_future_date": "Datum in der Zukunft",
    "reason_duplicate": "doppelt",
    "reason_test_product": "Testprodukt",
    "reason_test_order": "Testbestellung",
    "reason_cancelled": "storniert",
}
