import type { Category } from './ticket-phrases.ts';

/** Tickets in other languages come whole: one entry is a subject and what follows. */
export interface ForeignTicket {
  readonly category: Category;
  readonly subject: string;
  readonly description: string;
}

export const GERMAN_TICKETS: readonly ForeignTicket[] = [
  {
    category: 'connectivity',
    subject: '{feature} bricht {site} alle {count} Minuten ab',
    description:
      'Seit der Umstellung auf Glasfaser bricht die Verbindung etwa alle {count} Minuten ab. Ein Neustart hilft nur kurz. Fehlermeldung: {code}. Können Sie prüfen, ob das an der Paketgröße liegt?',
  },
  {
    category: 'authentication',
    subject: 'Anmeldung schlägt nach Passwortänderung fehl',
    description:
      'Nach der Änderung des Passworts erscheint trotz richtiger Eingabe {code}. Betroffen sind {count} Kolleginnen und Kollegen {site}. Über das Telefon können wir uns weiterhin anmelden.',
  },
  {
    category: 'billing',
    subject: 'Rechnung mit falscher Umsatzsteuer',
    description:
      'Auf der letzten Rechnung ist die Umsatzsteuer doppelt ausgewiesen. Wir benötigen eine berichtigte Fassung für die Prüfung, spätestens bis Monatsende. Vielen Dank für Ihre Mühe!',
  },
  {
    category: 'performance',
    subject: '{product} {version}: Öffnen dauert {count} Sekunden',
    description:
      'Das Öffnen größerer Ordner dauert seit {version} bis zu {count} Sekunden. Ältere Versionen waren spürbar schneller. Übergroße Dateien haben wir bereits ausgelagert.',
  },
  {
    category: 'documentation',
    subject: 'Übersetzungsfehler im Handbuch',
    description:
      'Im Kapitel {count} steht „löschen“, gemeint ist aber „sperren“. Das hat {site} schon zu Rückfragen geführt.',
  },
];

export const JAPANESE_TICKETS: readonly ForeignTicket[] = [
  {
    category: 'authentication',
    subject: '証明書の更新後にサインインできない',
    description:
      '証明書を更新してから、{site}の利用者{count}名がサインイン画面に戻されます。エラーコードは{code}です。至急ご確認をお願いいたします。',
  },
  {
    category: 'bug_report',
    subject: '{product} {version}で書き出した文字が化ける',
    description:
      '書き出したファイルの「髙」や「﨑」が別の文字になります。{version}より前は問題ありませんでした。',
  },
  {
    category: 'connectivity',
    subject: '{site}からの接続が{count}分ごとに切れる',
    description:
      '回線の切り替え後、接続が約{count}分ごとに切断されます。再起動すると一時的に回復します。{code}が記録されています。',
  },
  {
    category: 'feature_request',
    subject: '並べ替え機能の追加のお願い 🙇',
    description: '項目が{count}件を超えると探しにくいため、担当者順の並べ替えをご検討ください。',
  },
];
