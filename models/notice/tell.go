package notice

import (
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/store"
)

// News is one thing about a delegation of which the superusers of its host are
// told. Key makes it unique in the company, as that of a mail does.
type News struct {
	Company, Organization string
	Delegation, Visit     string // ids; Visit is empty where it is about none
	Key                   string
	Content               mail.Content
	// Except are accounts that get no mail of it, since they did it; in their
	// inbox it stands as read.
	Except []string
	// Quiet is news for the inbox alone.
	Quiet bool
}

// entered names the mail of a visit's beginning to one superuser.
func entered(visit, person string) string { return "visit.entered." + visit + "." + person }

// Tell puts news into the inbox of each superuser, queues the mails of it, and
// says how many superusers there are. It runs in a System transaction.
func Tell(tx *store.Tx, n News) (int, error) {
	hosts, err := Organization(tx, n.Company, n.Organization)
	if err != nil {
		return 0, err
	}
	endless, visit := circumstances(n.Content)
	watchers, _ := hosts.Of(n.Delegation, endless, tx.Now())
	told, err := toldOfEntry(tx, n, watchers)
	if err != nil {
		return 0, err
	}
	for _, w := range watchers {
		visit.Told = told[w.Person.ID]
		how := Deliver(n.Content.Kind(), Watch{Mode: w.Mode, MutedUntil: w.Watch.MutedUntil}, endless, visit, tx.Now())
		own := slices.Contains(n.Except, w.Person.ID)
		if own || n.Quiet {
			how = Delivery{Inbox: true}
		}
		if err := give(tx, n, w.Person, how, own); err != nil {
			return 0, err
		}
	}
	return len(watchers), nil
}

// Give is Tell for one person, with a mail whatever he chose.
func Give(tx *store.Tx, n News, to account.Person) error {
	return give(tx, n, to, Delivery{Mail: true, Inbox: true}, false)
}

func give(tx *store.Tx, n News, to account.Person, how Delivery, read bool) error {
	data, err := json.Marshal(n.Content)
	if err != nil {
		return fmt.Errorf("notice: %s: %w", n.Content.Kind(), err)
	}
	key := n.Key + "." + to.ID
	e := Entry{CompanyID: n.Company, OrganizationID: n.Organization, ID: models.NewID("ntc"), AccountID: to.ID, Key: key, Kind: n.Content.Kind(),
		DelegationID: n.Delegation, VisitID: n.Visit, Data: string(data), Delivery: how.name(), CreatedAt: models.At(tx.Now())}
	if read {
		e.ReadAt = &e.CreatedAt
	}
	err = tx.Across("a person's inbox", func(tx *store.Tx) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&e).Error
	})
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	tx.Notify("account:" + to.ID)
	if !how.Mail {
		return nil
	}
	d := mail.Draft{Company: n.Company, Organization: n.Organization, Key: key, To: to.Recipient(), Content: n.Content}
	if n.Visit != "" { // one thread a visit, opened by the first mail of it that goes to him
		d.Thread = n.Visit
		if d.First = n.Content.Kind() == mail.EnteredKind; !d.First {
			opened, err := threaded(tx, n, e)
			if err != nil {
				return err
			}
			d.First = !opened
		}
	}
	return mail.Queue(tx, d)
}

// threaded says whether a mail of the entry's visit went to its person before: of
// his entering, or of anything since.
func threaded(tx *store.Tx, n News, e Entry) (bool, error) {
	sent, err := queued(tx, n.Company, entered(n.Visit, e.AccountID))
	if err != nil || len(sent) > 0 {
		return len(sent) > 0, err
	}
	var earlier int64
	err = tx.Across("what a person was mailed of a visit", func(tx *store.Tx) error {
		return tx.Model(&Entry{}).Where("company_id = ? AND account_id = ? AND visit_id = ? AND delivery = 'mail' AND key <> ?",
			n.Company, e.AccountID, n.Visit, e.Key).Count(&earlier).Error
	})
	return earlier > 0, err
}

// toldOfEntry are the superusers to whom a mail of the visit's entry went.
func toldOfEntry(tx *store.Tx, n News, watchers []Watcher) (map[string]bool, error) {
	if n.Content.Kind() != mail.LeftKind || len(watchers) == 0 {
		return nil, nil
	}
	keys := make([]string, len(watchers))
	for i, w := range watchers {
		keys[i] = entered(n.Visit, w.Person.ID)
	}
	sent, err := queued(tx, n.Company, keys...)
	told := map[string]bool{}
	for _, m := range sent {
		told[m.AccountID] = true
	}
	return told, err
}

// queued reads mails by their keys, as far as they were queued.
func queued(tx *store.Tx, company string, keys ...string) (list []mail.Mail, err error) {
	err = tx.Across("which mails of a visit went out", func(tx *store.Tx) error {
		return tx.Where("company_id = ? AND key IN ?", company, keys).Find(&list).Error
	})
	return list, err
}

// circumstances are what a mail says that decides how it is told.
func circumstances(content mail.Content) (endless bool, v Visit) {
	if of, is := content.(interface{ About() mail.Delegated }); is {
		endless = of.About().Ends == nil
	}
	if in, is := content.(mail.Entered); is {
		v = Visit{First: in.First, Strange: in.Strange, Silent: in.Silent}
	}
	return endless, v
}
