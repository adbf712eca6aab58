package usage

import (
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// entry finds out what a record belongs to.
func (b *book) entry(r Record) Entry {
	e := Entry{CompanyID: store.Platform, ApplicationID: b.application, Source: r.Source, EventID: r.ID, Scope: r.Subject, ID: models.NewID("usg"),
		Subject: r.Subject, MeterKey: r.Meter, Unit: r.Unit, Quantity: microOf(r.Quantity), At: models.At(r.Time), Day: dayOf(r.Time, time.UTC),
		AccountID: r.Account, VisitID: r.Visit, State: InDoubt, Corrects: r.Corrects, Digest: r.digest(), ReceivedAt: models.At(b.now)}
	o, there := b.organizations[r.Subject]
	if !there {
		return e.doubt(NoOrganization, r)
	}
	e.CompanyID, e.OrganizationID, e.Day = o.CompanyID, o.ID, dayOf(r.Time, b.zones[o.ID])
	e.Late = lateness(r.Time, b.now, nil, b.zones[o.ID])
	if !b.enabled[o.ID] {
		return e.doubt(NotEnabled, r)
	}
	e.Scope = ""
	if r.Corrects != "" {
		return e // what it corrects says the rest
	}
	m, there := b.meter(o.CompanyID, r.Meter)
	if there {
		e.MeterID = m.ID
	}
	why := b.person(&e, o, r)
	switch {
	case why != "":
		return e.doubt(why, r)
	case !there:
		return e.doubt(NoMeter, r)
	case m.Unit != r.Unit:
		return e.doubt(OtherUnit, r)
	}
	e.State = Counted
	return e
}

// doubt puts an entry in quarantine, with the record as it came.
func (e Entry) doubt(why Reason, r Record) Entry {
	e.State, e.Reason, e.Body = InDoubt, why, r.body()
	return e
}

// person finds out who used something, and for whom he worked: by the visit that
// covers the time, or else as a member.
func (b *book) person(e *Entry, o tenancy.Organization, r Record) Reason {
	if r.Visit != "" {
		v, there := b.visits[r.Visit]
		if !there || v.OrganizationID != o.ID || r.Account != "" && v.AccountID != r.Account {
			return NoVisit
		}
		if !b.covers(v, r.Time) {
			return OutsideVisit
		}
		b.by(e, v)
		return ""
	}
	e.RealOrganizationID, e.RealOrganizationName = o.ID, o.Name
	if r.Account == "" {
		return "" // the organization's own, by no person
	}
	key := [2]string{o.ID, r.Account}
	for _, v := range b.stays[key] {
		if b.covers(v, r.Time) {
			b.by(e, v)
			return ""
		}
	}
	if e.AccountName = b.names[r.Account]; b.members[key] || r.Time.Before(b.former[key]) {
		return ""
	}
	// What a stranger is called is not the organization's to know.
	e.RealOrganizationID, e.RealOrganizationName, e.AccountName = "", "", ""
	if len(b.stays[key]) > 0 || b.stayed[key] {
		return OutsideVisit
	}
	return NoAccount
}

// covers says whether a visit was going on at a moment. Many applications tell whole
// seconds: that in which somebody entered is then within his visit.
func (b *book) covers(v delegation.Visit, t time.Time) bool {
	entered := v.EnteredAt.Time
	if t.Nanosecond() == 0 {
		entered = entered.Truncate(time.Second)
	}
	left := b.left(v)
	return !t.Before(entered) && (left == nil || t.Before(left.Time))
}

// left is when a visit ended, or, where nobody wrote that down yet, when its delegation
// runs out: a sweep that is late adds nothing. nil is not to be foreseen.
func (b *book) left(v delegation.Visit) *models.Instant {
	if v.LeftAt != nil {
		return v.LeftAt
	}
	return b.ends[v.DelegationID]
}

func (b *book) by(e *Entry, v delegation.Visit) {
	e.AccountID, e.AccountName, e.VisitID, e.DelegationID, e.Ticket = v.AccountID, v.AccountName, v.ID, v.DelegationID, b.tickets[v.DelegationID]
	e.RealOrganizationID, e.RealOrganizationName = v.RealOrganizationID, v.RealOrganizationName
	e.Late = lateness(e.At.Time, b.now, b.left(v), b.zones[e.OrganizationID])
}
