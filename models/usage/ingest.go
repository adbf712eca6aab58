package usage

import (
	"cmp"
	"context"
	"slices"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Ingest takes what an application used, in one transaction: each record for itself,
// so that one that is wrong keeps no other out. The outcomes are in the order of the
// records. Sent again, whole or in part, at the same time or years later, it counts
// nothing twice.
func (u *Usage) Ingest(ctx context.Context, application string, records []Record) (outcomes []Outcome, err error) {
	if application == "" {
		return nil, models.Fail(models.Unauthenticated, "error.unauthenticated")
	}
	if len(records) > MaxRecords {
		return nil, models.Fail(models.TooLarge, "usage.error.many", "Most", MaxRecords)
	}
	if len(records) == 0 {
		return nil, nil
	}
	err = u.store.System(ctx, "take what applications used", func(tx *store.Tx) error {
		tx.NothingToRecord() // the records are the trail
		i := &intake{tx: tx, records: records, outcomes: make([]Outcome, len(records))}
		if err := i.run(application); err != nil {
			return err
		}
		outcomes = i.outcomes
		return nil
	})
	return outcomes, err
}

// intake is one message on its way into the database.
type intake struct {
	tx       *store.Tx
	book     *book
	records  []Record
	outcomes []Outcome
	entries  []Entry
	at       []int // by entry, its record
}

// place is under what a record is unique.
type place struct{ company, source, event, scope string }

func (e Entry) place() place { return place{e.CompanyID, e.Source, e.EventID, e.Scope} }

func (i *intake) run(application string) (err error) {
	fit := make([]Record, 0, len(i.records))
	for n, r := range i.records {
		i.outcomes[n] = Outcome{ID: r.ID, Source: r.Source, Status: Refused, Wrong: r.Wrong}
		if len(r.Wrong) > 0 {
			continue
		}
		if r.Time.After(i.tx.Now().Add(ahead)) {
			i.outcomes[n].Wrong = models.FieldErrors{"time": models.Text("usage.error.future")}
			continue
		}
		fit = append(fit, r)
		i.at = append(i.at, n)
	}
	if len(fit) == 0 {
		return nil
	}
	if i.book, err = open(i.tx, application, fit); err != nil {
		return err
	}
	i.gather(fit)
	if err := i.known(); err != nil {
		return err
	}
	plain, correcting := make([]Entry, 0, len(i.entries)), []int{}
	for n, e := range i.entries {
		switch {
		case i.outcomes[i.at[n]].Status != "":
		case e.Corrects != "" && e.Scope == "":
			correcting = append(correcting, n)
		default:
			plain = append(plain, e)
		}
	}
	if err := i.insert(plain); err != nil {
		return err
	}
	for _, n := range correcting {
		if err := i.correct(n); err != nil {
			return err
		}
	}
	return i.tell()
}

// gather makes the entries. Of those that are twice in one message the first counts.
func (i *intake) gather(fit []Record) {
	first := make(map[place]string, len(fit)) // its digest
	kept := make([]int, 0, len(fit))
	i.entries = make([]Entry, 0, len(fit))
	for n, r := range fit {
		e, at := i.book.entry(r), i.at[n]
		i.outcomes[at].Status = ""
		if before, twice := first[e.place()]; twice {
			i.outcomes[at].Status = again(before, e.Digest)
			continue
		}
		first[e.place()] = e.Digest
		i.entries, kept = append(i.entries, e), append(kept, at)
	}
	i.at = kept
}

// again is what becomes of a record under an id that is taken.
func again(before, now string) Status {
	if before == now {
		return Duplicate
	}
	return Conflicting
}

// known finds the records that were sent before their organization used the
// application: they stand under another scope.
func (i *intake) known() error {
	var companies []string
	for _, e := range i.entries {
		if e.Scope == "" && !slices.Contains(companies, e.CompanyID) {
			companies = append(companies, e.CompanyID)
		}
	}
	var any []string
	for _, company := range companies {
		var one Entry
		err := i.tx.Select("event_id").Where("company_id = ? AND application_id = ? AND scope <> '' AND state <> 'counted'", company, i.book.application).Take(&one).Error
		if err == nil {
			any = append(any, company)
		} else if !store.Missing(err) {
			return err
		}
	}
	if len(any) == 0 {
		return nil
	}
	for _, company := range any {
		if err := i.compare(company, func(e Entry) string { return e.Subject }, i.entries); err != nil {
			return err
		}
	}
	return nil
}

// insert makes what is new, company by company, and says of the rest what is there.
func (i *intake) insert(entries []Entry) error {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.CompanyID, b.CompanyID), cmp.Compare(a.Source, b.Source), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.Scope, b.Scope))
	})
	made := map[string]bool{}
	for start := 0; start < len(entries); {
		end := start
		for end < len(entries) && entries[end].CompanyID == entries[start].CompanyID {
			end++
		}
		part := entries[start:end]
		start = end
		err := i.tx.Within(part[0].CompanyID, func(tx *store.Tx) error {
			ids, err := store.CreateNew(tx, part)
			for id := range ids {
				made[id] = true
			}
			return err
		})
		if err != nil {
			return err
		}
		var rest []Entry
		for _, e := range part {
			if !made[e.ID] {
				rest = append(rest, e)
			}
		}
		if err := i.compare(part[0].CompanyID, func(e Entry) string { return e.Scope }, rest); err != nil {
			return err
		}
	}
	for n, e := range i.entries {
		if made[e.ID] {
			i.took(n)
		}
	}
	return nil
}

// took says of an entry that it is kept.
func (i *intake) took(n int) {
	e, out := i.entries[n], &i.outcomes[i.at[n]]
	if out.Late = e.Late; e.State == Counted {
		out.Status = Accepted
		return
	}
	out.Status, out.Reason = Quarantined, e.Reason.told()
	if out.Reason == Stranger {
		out.Late = "" // by the zone of the organization
	}
}

// compare says of entries of a company that stand under a scope whether they are the
// same as what is there.
func (i *intake) compare(company string, scope func(Entry) string, entries []Entry) error {
	wanted := map[place]bool{}
	var ids []string
	for _, e := range entries {
		if e.CompanyID == company {
			p := e.place()
			p.scope = scope(e)
			wanted[p] = true
			ids = append(ids, e.EventID)
		}
	}
	digests := map[place]string{}
	err := inParts(ids, func(part []string) error {
		var found []Entry
		err := i.tx.Select("company_id", "source", "event_id", "scope", "digest").
			Where("company_id = ? AND application_id = ? AND event_id IN ?", company, i.book.application, part).Find(&found).Error
		for _, e := range found {
			digests[e.place()] = e.Digest
		}
		return err
	})
	if err != nil {
		return err
	}
	for n, e := range i.entries {
		p := e.place()
		p.scope = scope(e)
		if before, there := digests[p]; there && wanted[p] {
			i.outcomes[i.at[n]].Status = again(before, e.Digest)
		}
	}
	return nil
}

// tell leaves an event with each organization whose quarantine was empty until now.
func (i *intake) tell() error {
	fresh := map[[2]string]int{}
	for n, e := range i.entries {
		if i.outcomes[i.at[n]].Status == Quarantined {
			fresh[[2]string{e.CompanyID, e.OrganizationID}]++
		}
	}
	for at, count := range fresh {
		var all int64
		err := i.tx.Model(&Entry{}).Where("company_id = ? AND organization_id = ? AND state = 'quarantined'", at[0], at[1]).Count(&all).Error
		if err != nil {
			return err
		}
		if int(all) == count {
			i.tx.Record(event.UsageQuarantined, store.About{ID: i.book.application, Company: at[0], Organization: at[1], Data: map[string]any{"count": count}})
		}
	}
	return nil
}
