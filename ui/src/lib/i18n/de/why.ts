import type { Whys } from '../whys';

/** Warum die Kasse etwas abgelehnt hat, und was jetzt zu tun ist. */
export const why: Whys = {
  'why.already_set_up': 'Diese Kasse ist schon eingerichtet. Melden Sie sich an.',
  'why.amount_not_money': 'Das ist kein Betrag. Schreiben Sie ihn wie 12,40.',
  'why.amount_too_fine': 'So genau lässt sich in dieser Währung nicht zahlen. Runden Sie den Betrag.',
  'why.amount_too_large': 'So viel lässt sich nicht auf einmal mit Karte nehmen. Teilen Sie den Verkauf.',
  'why.another_sale': 'Ein anderer Verkauf ist offen. Parken oder beenden Sie ihn zuerst.',
  'why.bad_account': 'Stripe hat nicht mit einem Konto geantwortet. Prüfen Sie den Schlüssel.',
  'why.busy':
    'Die Dateien sind gerade in Gebrauch. Versuchen Sie es gleich noch einmal; bleibt es so, schließen Sie andere Programme.',
  'why.cannot_read': 'Die Datei lässt sich nicht lesen. Prüfen Sie ihren Namen und die Rechte.',
  'why.cannot_write':
    'Die Datei lässt sich dort nicht schreiben. Prüfen Sie den Ordner und den freien Platz.',
  'why.card_number_in_text': 'Im Text steht eine Kartennummer oder ein Schlüssel. Lassen Sie sie weg.',
  'why.changed_step':
    'Programm und Dateien stammen aus verschiedenen Ausgaben. Öffnen Sie den Ordner mit dem Tillbook, das ihn geschrieben hat.',
  'why.currency': 'Wählen Sie eine Währung mit ihren drei Buchstaben, etwa EUR.',
  'why.currency_not_taken': 'In dieser Währung nimmt Stripe keine Zahlungen an. Wählen Sie eine andere.',
  'why.damaged':
    'Die Datei der Kasse ist beschädigt. Lassen Sie sie, wie sie ist, und spielen Sie die neueste Sicherung ein.',
  'why.damaged_record':
    'Ein Datensatz aus Stripe ist hier beschädigt. Lassen Sie unter Abgleich alles neu lesen.',
  'why.day': 'Wählen Sie einen Tag, den es gibt.',
  'why.disk': 'Der Datenträger antwortet nicht richtig. Prüfen Sie ihn und die Rechte auf den Ordner.',
  'why.disk_full':
    'Der Datenträger ist voll. Schaffen Sie mindestens 100 MB Platz und versuchen Sie es erneut. Es ging nichts verloren.',
  'why.empty_sale': 'In diesem Verkauf ist noch nichts. Fügen Sie zuerst einen Artikel hinzu.',
  'why.file_missing': 'Eine Datei der Kasse fehlt. Holen Sie sie aus der Sicherung zurück.',
  'why.foreign_file':
    'An ihrer Stelle liegt eine fremde Datei. Räumen Sie sie weg, oder wählen Sie einen anderen Ordner.',
  'why.item_currency': 'Der Artikel hat einen Preis in einer anderen Währung als diese Kasse.',
  'why.key': 'Dieser Schlüssel passt nicht. Nehmen Sie einen geheimen oder eingeschränkten Schlüssel.',
  'why.key_refused': 'Stripe nimmt den Schlüssel nicht an. Geben Sie einen gültigen; was hier ist, bleibt.',
  'why.keychain_denied': 'Der Zugriff auf den Schlüsselbund wurde verweigert. Erlauben Sie ihn Tillbook.',
  'why.keychain_failed':
    'Der Schlüsselbund hat nicht geantwortet. Starten Sie ihn neu, oder melden Sie sich neu an.',
  'why.keychain_locked': 'Der Schlüsselbund ist gesperrt. Entsperren Sie ihn und versuchen Sie es erneut.',
  'why.locale': 'Wählen Sie eine Sprache aus der Liste.',
  'why.mirror_damaged':
    'Die Kopie der Stripe-Daten ist beschädigt. Sie kann neu geholt werden; die Kasse selbst ist heil.',
  'why.more_than_due': 'Das ist mehr, als noch zu zahlen ist. Nehmen Sie höchstens den offenen Betrag.',
  'why.name': 'Schreiben Sie einen Namen mit 1 bis 60 Zeichen.',
  'why.name_taken': 'Jemand mit diesem Namen arbeitet hier schon. Fügen Sie einen Buchstaben hinzu.',
  'why.newer_file':
    'Die Dateien stammen von einem neueren Tillbook. Installieren Sie die neueste Ausgabe und öffnen Sie sie damit.',
  'why.no_folder': 'Hier gibt es keinen Ordner für Dokumente. Legen Sie einen an.',
  'why.no_key': 'Es ist kein Stripe-Schlüssel bekannt. Ohne ihn gehen weder Karten noch der Abgleich.',
  'why.no_keychain':
    'Dieser Rechner hat keinen Schlüsselbund. Starten Sie ihn, oder geben Sie ein Kennwort vor (TILLBOOK_VAULT_PASSPHRASE).',
  'why.not_closed':
    'Die Dateien wurden nicht richtig geschlossen, und ihr Ordner ist schreibgeschützt. Geben Sie ihn frei, oder kopieren Sie ihn.',
  'why.not_set_up': 'Diese Kasse ist noch nicht eingerichtet. Richten Sie sie zuerst ein.',
  'why.nothing_scanned': 'Es wurde nichts gescannt. Versuchen Sie es noch einmal.',
  'why.nothing_to_refund': 'Von diesem Verkauf ist nichts mehr zu erstatten.',
  'why.older_file':
    'Die Dateien stammen von einem älteren Tillbook. Öffnen Sie sie einmal im Fenster; dabei wird gesichert.',
  'why.open_elsewhere':
    'Tillbook ist mit diesem Ordner schon offen. Machen Sie dort weiter, oder schließen Sie es zuerst.',
  'why.other_account':
    'Der Schlüssel gehört zu einem anderen Stripe-Konto als dieser Ordner. Nehmen Sie den passenden.',
  'why.other_mode':
    'Dieser Ordner gehört zu einem anderen Modus von Stripe. Üben, Test und Echt bleiben getrennt; wählen Sie einen anderen.',
  'why.page': 'Die Liste hat sich geändert. Beginnen Sie wieder vorn.',
  'why.payment_ended': 'Diese Zahlung ist schon zu Ende.',
  'why.payment_open':
    'Eine Zahlung dieses Verkaufs ist noch offen. Warten Sie, bis Stripe sie geklärt hat, oder brechen Sie sie ab.',
  'why.payment_under_way':
    'Diese Zahlung läuft noch. Erst nach einer Ablehnung kann sie noch einmal versucht werden.',
  'why.period': 'Der Zeitraum ist leer. Der letzte Tag muss nach dem ersten liegen.',
  'why.pin': 'Eine PIN hat 4 bis 12 Ziffern.',
  'why.port': 'Wählen Sie einen Anschluss von 1024 bis 65535.',
  'why.practice_only': 'Das gibt es nur im Übungsmodus.',
  'why.quantity': 'Die Menge muss zwischen 1 und 9999 liegen.',
  'why.raced':
    'Das wurde im selben Moment anderswo geändert. Sehen Sie nach und wiederholen Sie es, wenn es noch nötig ist.',
  'why.read_only': 'In den Ordner darf nicht geschrieben werden. Geben Sie ihn für Ihren Benutzer frei.',
  'why.reader_choose': 'Es gibt mehrere Kartenleser. Wählen Sie einen.',
  'why.reader_none': 'Es gibt keinen Kartenleser. Melden Sie einen bei Stripe an und gleichen Sie ab.',
  'why.reader_unknown':
    'Dieser Kartenleser ist nicht bekannt. Gleichen Sie ab, oder wählen Sie einen anderen.',
  'why.refund_amount': 'So viel lässt sich nicht erstatten. Nehmen Sie höchstens, was noch übrig ist.',
  'why.sale_ended': 'Dieser Verkauf ist beendet. Beginnen Sie einen neuen.',
  'why.sale_not_parked': 'Dieser Verkauf ist nicht geparkt.',
  'why.sale_paid': 'Dieser Verkauf ist bezahlt. Er kann erstattet, aber nicht geändert werden.',
  'why.sale_parked': 'Dieser Verkauf ist geparkt. Holen Sie ihn zuerst zurück.',
  'why.sale_too_large': 'Der Verkauf ist zu groß. Teilen Sie ihn.',
  'why.signing_secret': 'Geben Sie das Geheimnis ein, das stripe listen zeigt. Es beginnt mit whsec_.',
  'why.step_failed':
    'Die Datei ließ sich nicht auf den neuen Stand bringen und ist unverändert. Arbeiten Sie mit der vorigen Ausgabe weiter.',
  'why.tendered_not_money': 'Das ist kein Betrag, den jemand geben kann.',
  'why.tendered_too_little': 'Das reicht nicht für den offenen Betrag.',
  'why.text_too_long': 'Der Text ist zu lang. Höchstens 300 Zeichen passen.',
  'why.time_zone': 'Wählen Sie eine Zeitzone, etwa Europe/Berlin.',
  'why.under_way': 'Ein Vergleich mit Stripe läuft schon. Warten Sie, oder halten Sie ihn zuerst an.',
  'why.vault_damaged':
    'Der Tresor mit den Schlüsseln ist beschädigt. Holen Sie ihn aus der Sicherung zurück; ohne ihn öffnet sich keine Datei.',
  'why.vault_missing':
    'Die Schlüssel zu den Dateien der Kasse fehlen. Holen Sie den Tresor aus der Sicherung zurück, die zu diesen Dateien gehört. In ihnen ist nichts verloren, aber ohne ihn kann sie niemand öffnen.',
  'why.vault_other_kind':
    'Dieser Tresor ist von anderer Art. Öffnen Sie den Ordner im Modus, in dem er eingerichtet wurde.',
  'why.wrong_key':
    'Die Schlüssel passen nicht zu diesen Dateien. Es ist nichts verloren: Dateien und Tresor müssen von derselben Kasse sein.',
  'why.wrong_passphrase': 'Das Kennwort stimmt nicht. Geben Sie das, mit dem der Ordner eingerichtet wurde.',
};
