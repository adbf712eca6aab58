package notice

import (
	"time"

	"locum/models/mail"
	"locum/models/tenancy"
)

// Delivery is how one superuser is told of one thing. What is in the mail of
// its visit, or in the digest, is no mail of its own.
type Delivery struct{ Mail, InVisit, InDigest, Inbox bool }

// Visit is what matters of a visit to how it is told.
type Visit struct {
	First   bool // the first entry by this delegation
	Strange bool // from a device or network that was never seen
	Silent  bool // after 30 days without one
	Told    bool // the mail of its entry went to this superuser
}

// Deliver says how a superuser is told of a kind of thing, given what he
// chose, whether the delegation has no end, and what is special about a visit.
//
// Entering, leaving, the tokens that are made in between and the consultant's
// answer follow his choice. Everything else is mailed at once whatever he chose,
// so that a kind nobody thought of here is never lost; so are a first entry, one
// from a strange device, and one after 30 silent days. Who got the mail of an
// entry gets that of leaving.
func Deliver(kind mail.Kind, w Watch, endless bool, v Visit, now time.Time) Delivery {
	d := Delivery{Inbox: true}
	switch kind {
	case mail.EnteredKind:
		d.Mail = v.First || v.Strange || v.Silent
	case mail.LeftKind:
		d.Mail = v.Told
	case mail.AnsweredKind, mail.TokenMadeKind:
	default:
		d.Mail = true
	}
	if d.Mail {
		return d
	}
	switch w.At(now, endless) {
	case tenancy.PerVisit:
		d.InVisit = kind == mail.EnteredKind || kind == mail.TokenMadeKind
		d.Mail = !d.InVisit
	case tenancy.Digest:
		d.InDigest = true
	case tenancy.Muted:
	default:
		d.Mail = true
	}
	return d
}

// name is how a delivery is written down.
func (d Delivery) name() string {
	switch {
	case d.Mail:
		return "mail"
	case d.InVisit:
		return "visit"
	case d.InDigest:
		return "digest"
	}
	return "inbox"
}
