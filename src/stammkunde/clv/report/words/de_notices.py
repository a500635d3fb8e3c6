"""The notices of the computation in German, by their keys in `stammkunde.notices`."""

NOTICES = {
    # --- Bestellungen
    "guests": "Kunde 0 hat mehrere E-Mail-Adressen: Das sind Gäste, die an ihren Adressen unterschieden werden.",
    "decimal_mark": "Spalte „{column}“ hat Zahlen wie {example}, die sich auf zwei Arten lesen lassen; „{mark}“ gilt "
    "als Dezimalzeichen. Wenn das falsch ist: `decimal` in der Zuordnung setzen.",
    "moments_as_written": "Zeiten in Spalte „{column}“ sind Zeitpunkte; ihre Tage gelten, wie sie geschrieben stehen. "
    "Mit der Zeitzone des Shops (timezone='Europe/Berlin') werden es dessen Tage.",
    "moments_in_utc": "Zeiten in Spalte „{column}“ sind Zeitpunkte; ihre Tage gelten in UTC. Mit der Zeitzone des "
    "Shops (timezone='Europe/Berlin') werden es dessen Tage.",
    "passed_over": "{field} wurde aus „{column}“ gelesen; {others} käme ebenfalls infrage.",
    "net_by_name": "„{column}“ ist dem Namen nach ohne MwSt., daher wurde keine abgezogen.",
    "refunds_without_tax": "{file} hat keine Spalte für MwSt.: Erstattungen wurden voll abgezogen, als käme keine "
    "Steuer zurück.",
    "refunds_without_cost": "{file} hat keine Spalte für Warenkosten: Erstattungen wurden voll abgezogen, als käme "
    "keine Ware zurück.",
    "refunds_without_currency": "{file} nennt keine Währung: Die Beträge gelten als {currency}.",
    "cost_lacking": "In {rows} Zeilen fehlt ein Kostenbetrag, den andere haben; er gilt als 0. Wenn das nicht stimmt: "
    "einen Satz angeben.",
    "quiet_end": "In den {days} Tagen vor dem {until} gibt es keine Bestellung. Wenn der Export am {last} endet, bitte "
    "als `until` angeben.",
    # --- Modelle
    "one_order_for_ever": "{model} hält alle, die einmal bestellt haben, für immer für Kunden: p_alive ist für sie 1.",
    "all_for_ever": "{model} hält alle für immer für Kunden: p_alive ist für alle 1.",
    "nobody_leaves": "In diesen {days} Tagen ist kaum zu sehen, dass jemand abwandert: p_alive ist für alle fast 1. "
    "Ein längerer Zeitraum sagt mehr.",
    "little_history": "Zu wenig Vergangenheit für eine Rückrechnung (nötig sind {customers} Kunden vor und {orders} "
    "Bestellungen nach zwei früheren Tagen): {model} wurde ungeprüft genommen.",
    "no_model_beats_naive": "In der Rückrechnung hat kein Modell die einfachen Regeln klar geschlagen.",
    "season_left_out": "Die Saison vergangener Tage bleibt außer Betracht: Die Jahre widersprechen sich.",
    "trees_no_better": "Entscheidungsbäume waren bei zurückgehaltenen Kunden nicht besser als {model}: Fehler bei "
    "Bestellungen × {orders}, beim Wert × {value}. Besser {model} oder auto nehmen.",
    "covariate_same": "{column} blieb außer Betracht: für alle gleich.",
    "covariate_rare": "{column} blieb außer Betracht: Keine Ausprägung hat {customers} Kunden.",
}
