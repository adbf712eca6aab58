package usage

import (
	"gorm.io/gorm/clause"

	"locum/models/store"
)

// correct takes a record that corrects another: what it corrects stays and is seen,
// and counts no more.
func (i *intake) correct(n int) error {
	e, err := i.book.corrected(i.tx, i.entries[n], i.records[i.at[n]])
	if err != nil {
		return err
	}
	i.entries[n] = e
	var made map[string]bool
	err = i.tx.Within(e.CompanyID, func(tx *store.Tx) error {
		if made, err = store.CreateNew(tx, []Entry{e}); err != nil || !made[e.ID] || e.State != Counted {
			return err
		}
		return replace(tx, e)
	})
	if err != nil {
		return err
	}
	if !made[e.ID] {
		return i.compare(e.CompanyID, func(e Entry) string { return e.Scope }, []Entry{e})
	}
	i.took(n)
	return nil
}

// corrected is a correction with what it takes over from its original: when, by whom
// and for whom. The original is locked, so that it is corrected once.
func (b *book) corrected(tx *store.Tx, e Entry, r Record) (Entry, error) {
	var of Entry
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("company_id = ? AND application_id = ? AND source = ? AND event_id = ? AND scope = ''", e.CompanyID, e.ApplicationID, e.Source, e.Corrects).Take(&of).Error
	if err != nil && !store.Missing(err) {
		return e, err
	}
	// Sent again, it is the one that its original names already.
	done := of.CorrectedBy != "" && of.CorrectedBy != e.EventID
	if err != nil || of.State != Counted || done || of.OrganizationID != e.OrganizationID || of.MeterKey != e.MeterKey || of.Unit != e.Unit ||
		r.Account != "" && r.Account != of.AccountID || r.Visit != "" && r.Visit != of.VisitID {
		return e.doubt(NoOriginal, r), nil
	}
	e.At, e.Day, e.MeterID = of.At, of.Day, of.MeterID
	e.AccountID, e.AccountName, e.VisitID, e.DelegationID, e.Ticket = of.AccountID, of.AccountName, of.VisitID, of.DelegationID, of.Ticket
	e.RealOrganizationID, e.RealOrganizationName = of.RealOrganizationID, of.RealOrganizationName
	e.Late = lateness(of.At.Time, b.now, nil, b.zones[e.OrganizationID])
	e.State, e.Reason = Counted, ""
	return e, nil
}

// replace has a correction count instead of its original.
func replace(tx *store.Tx, e Entry) error {
	return tx.Model(&Entry{}).Where("company_id = ? AND application_id = ? AND source = ? AND event_id = ? AND scope = ''", e.CompanyID, e.ApplicationID, e.Source, e.Corrects).
		Update("corrected_by", e.EventID).Error
}
