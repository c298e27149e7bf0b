import type { Whys } from '../whys';

/** Pourquoi la caisse a refusé, et ce qu’il faut faire maintenant. */
export const why: Whys = {
  'why.already_set_up': 'Cette caisse est déjà installée. Entrez avec votre code.',
  'why.amount_not_money': 'Ce n’est pas un montant. Écrivez-le comme 12,40.',
  'why.amount_too_fine': 'Cette devise ne se paie pas si finement. Arrondissez le montant.',
  'why.amount_too_large': 'C’est plus qu’une carte ne peut payer en une fois. Partagez la vente.',
  'why.another_sale': 'Une autre vente est en cours. Mettez-la en attente ou terminez-la d’abord.',
  'why.bad_account': 'Stripe n’a pas répondu par un compte. Vérifiez la clé.',
  'why.busy':
    'Les fichiers sont occupés. Réessayez dans un instant ; si cela dure, fermez les autres programmes.',
  'why.cannot_read': 'Le fichier ne peut pas être lu. Vérifiez son nom et les droits.',
  'why.cannot_write': 'Le fichier ne peut pas être écrit là. Vérifiez le dossier et la place libre.',
  'why.card_number_in_text': 'Le texte contient un numéro de carte ou une clé. Retirez-le.',
  'why.changed_step':
    'Le programme et les fichiers viennent de versions différentes. Ouvrez le dossier avec le Tillbook qui l’a écrit.',
  'why.currency': 'Choisissez une devise par ses trois lettres, par exemple EUR.',
  'why.currency_not_taken': 'Stripe n’encaisse pas dans cette devise. Choisissez-en une autre.',
  'why.damaged':
    'Le fichier de la caisse est abîmé. Laissez-le tel quel et remettez la sauvegarde la plus récente.',
  'why.damaged_record': 'Une donnée de Stripe est abîmée ici. Sous Synchro, faites tout relire.',
  'why.day': 'Choisissez un jour qui existe.',
  'why.disk': 'Le disque ne répond pas bien. Vérifiez-le, ainsi que les droits sur le dossier.',
  'why.disk_full': 'Le disque est plein. Libérez au moins 100 Mo et réessayez. Rien n’est perdu.',
  'why.empty_sale': 'Cette vente est encore vide. Ajoutez d’abord un article.',
  'why.file_missing': 'Un fichier de la caisse manque. Remettez-le depuis une sauvegarde.',
  'why.foreign_file':
    'Un fichier étranger se trouve à cette place. Déplacez-le, ou choisissez un autre dossier.',
  'why.item_currency': 'Le prix de cet article est dans une autre devise que celle de la caisse.',
  'why.key': 'Cette clé ne convient pas. Prenez une clé secrète ou restreinte.',
  'why.key_refused': 'Stripe refuse la clé. Donnez-en une valable ; ce qui est ici reste.',
  'why.keychain_denied': 'L’accès au trousseau a été refusé. Permettez-le à Tillbook.',
  'why.keychain_failed': 'Le trousseau n’a pas répondu. Redémarrez-le, ou rouvrez la session.',
  'why.keychain_locked': 'Le trousseau est verrouillé. Déverrouillez-le et réessayez.',
  'why.locale': 'Choisissez une langue de la liste.',
  'why.mirror_damaged':
    'La copie des données de Stripe est abîmée. Elle peut être reprise ; la caisse elle-même est intacte.',
  'why.more_than_due': 'C’est plus que ce qui reste dû. Prenez au plus ce montant.',
  'why.name': 'Écrivez un nom de 1 à 60 caractères.',
  'why.name_taken': 'Quelqu’un de ce nom travaille déjà ici. Ajoutez une initiale.',
  'why.newer_file':
    'Ces fichiers viennent d’un Tillbook plus récent. Installez la dernière version et ouvrez-les avec elle.',
  'why.no_folder': 'Il n’y a pas de dossier pour les documents ici. Créez-en un.',
  'why.no_key': 'Aucune clé Stripe n’est connue. Sans elle, ni cartes ni synchro.',
  'why.no_keychain':
    'Cette machine n’a pas de trousseau. Démarrez-le, ou donnez une phrase secrète (TILLBOOK_VAULT_PASSPHRASE).',
  'why.not_closed':
    'Les fichiers n’ont pas été bien fermés et leur dossier est protégé. Ouvrez-le en écriture, ou copiez-le ailleurs.',
  'why.not_set_up': 'Cette caisse n’est pas encore installée. Installez-la d’abord.',
  'why.nothing_scanned': 'Rien n’a été scanné. Essayez encore.',
  'why.nothing_to_refund': 'Il n’y a plus rien à rembourser sur cette vente.',
  'why.older_file':
    'Ces fichiers viennent d’un Tillbook plus ancien. Ouvrez-les une fois dans la fenêtre ; une copie est gardée.',
  'why.open_elsewhere': 'Tillbook est déjà ouvert sur ce dossier. Continuez là, ou fermez-le d’abord.',
  'why.other_account': 'La clé est celle d’un autre compte Stripe que ce dossier. Prenez celle qui convient.',
  'why.other_mode':
    'Ce dossier est d’un autre mode de Stripe. Essai, test et réel ne se mêlent jamais ; choisissez-en un autre.',
  'why.page': 'La liste a changé. Reprenez au début.',
  'why.payment_ended': 'Ce paiement est déjà terminé.',
  'why.payment_open':
    'Un paiement de cette vente est encore ouvert. Attendez que Stripe l’ait réglé, ou annulez-le.',
  'why.payment_under_way': 'Ce paiement est en cours. On ne peut le présenter encore qu’après un refus.',
  'why.period': 'La période est vide. Le dernier jour doit suivre le premier.',
  'why.pin': 'Un code a de 4 à 12 chiffres.',
  'why.port': 'Choisissez un port de 1024 à 65535.',
  'why.practice_only': 'Cela n’existe que dans le mode d’essai.',
  'why.quantity': 'La quantité doit être entre 1 et 9999.',
  'why.raced': 'Cela vient d’être changé ailleurs. Regardez, et recommencez si c’est encore nécessaire.',
  'why.read_only': 'On ne peut pas écrire dans le dossier. Donnez-en le droit à votre utilisateur.',
  'why.reader_choose': 'Il y a plusieurs lecteurs de carte. Choisissez-en un.',
  'why.reader_none': 'Il n’y a pas de lecteur de carte. Inscrivez-en un chez Stripe et synchronisez.',
  'why.reader_unknown': 'Ce lecteur n’est pas connu. Synchronisez, ou choisissez-en un autre.',
  'why.refund_amount': 'On ne peut pas rembourser autant. Prenez au plus ce qui reste.',
  'why.sale_ended': 'Cette vente est terminée. Commencez-en une autre.',
  'why.sale_not_parked': 'Cette vente n’est pas en attente.',
  'why.sale_paid': 'Cette vente est payée. On peut la rembourser, pas la changer.',
  'why.sale_parked': 'Cette vente est en attente. Reprenez-la d’abord.',
  'why.sale_too_large': 'La vente est trop grande. Partagez-la.',
  'why.signing_secret': 'Entrez le secret que montre stripe listen. Il commence par whsec_.',
  'why.step_failed':
    'Le fichier n’a pas pu être mis à jour ; il est intact. Continuez avec la version précédente.',
  'why.tendered_not_money': 'Ce n’est pas un montant qu’on puisse donner.',
  'why.tendered_too_little': 'Cela ne suffit pas pour ce qui est dû.',
  'why.text_too_long': 'Le texte est trop long. Il tient en 300 caractères.',
  'why.time_zone': 'Choisissez un fuseau horaire, par exemple Europe/Paris.',
  'why.under_way': 'Une comparaison avec Stripe est en cours. Attendez, ou arrêtez-la d’abord.',
  'why.vault_damaged':
    'Le coffre des clés est abîmé. Remettez-le depuis une sauvegarde ; sans lui aucun fichier ne s’ouvre.',
  'why.vault_missing':
    'Les clés des fichiers de la caisse manquent. Remettez le coffre depuis la sauvegarde faite avec ces fichiers. Rien n’y est perdu, mais sans lui personne ne peut les ouvrir.',
  'why.vault_other_kind':
    'Ce coffre est d’une autre sorte. Ouvrez le dossier dans le mode où il a été installé.',
  'why.wrong_key':
    'Les clés ne sont pas celles de ces fichiers. Rien n’est perdu : fichiers et coffre doivent venir de la même caisse.',
  'why.wrong_passphrase': 'La phrase secrète n’est pas la bonne. Donnez celle de l’installation.',
};
