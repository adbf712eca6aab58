package mail

import (
	"strings"
	"unicode"

	"locum/models"
	"locum/models/mail"
	"locum/views/i18n"
)

// letter is a mail in words, before it gets a form: the HTML and the text are
// made of the same letter, so that they cannot say different things.
type letter struct {
	place   mail.Place
	band    string // what kind of mail it is, beside the organization's name
	subject string
	preview string // what lists of mails show after the subject
	title   string
	lead    []string
	code    string
	facts   []fact
	note    []string
	action  link // the button
	second  link
	revoke  link // where what the mail is about can be ended, after a question; or none
	// sections come between the facts and the notes: one for each delegation.
	sections []section
	why      []string // why the reader gets it
	settings link     // where he chooses which mails he gets, or none
	foot     string
}

// section is a part of a letter with a head of its own.
type section struct {
	title string
	facts []fact
	links []link
}

// fact is a line of the table of facts.
type fact struct{ label, value string }

// link is an address and the words for it.
type link struct{ label, address string }

// beside are the links beside the button.
func (l letter) beside() (list []link) {
	for _, to := range []link{l.second, l.revoke} {
		if to.address != "" {
			list = append(list, to)
		}
	}
	return list
}

// bandText is what stands in the band.
func (l letter) bandText() string {
	if l.place.Name == "" {
		return l.band
	}
	return l.place.Name + " \u00a0·\u00a0 " + l.band
}

// writer chooses words for one reader.
type writer struct {
	i18n.Locale
	links Links
}

// finish adds what every mail has.
func (w writer) finish(l letter) letter {
	l.why = append(l.why, w.T("mail.zone", "Zone", w.Location().String()))
	l.foot = w.T("mail.foot.none")
	if l.place.Company != "" {
		l.foot = w.T("mail.foot.company", "Company", l.place.Company)
	}
	return l
}

// fact adds a line when there is something to say.
func (w writer) fact(key, value string) []fact {
	if value == "" {
		return nil
	}
	return []fact{{w.T(key), value}}
}

// until says when something ends, as a part of a sentence.
func (w writer) until(end *models.Instant) string {
	if end == nil {
		return w.T("mail.endless")
	}
	return w.T("mail.until", "Ends", *end)
}

// end says when something ends, as a fact.
func (w writer) end(end *models.Instant) string {
	if end == nil {
		return w.T("common.time.endless")
	}
	return w.DateTime(end.Time)
}

// party is an organization with the domain that is proven to be its own:
// names may look alike, domains do not.
func (w writer) party(p mail.Place) string {
	switch {
	case p.Name == "":
		return ""
	case p.Domain == "":
		return w.T("mail.party.unverified", "Name", p.Name)
	}
	return w.T("mail.party.verified", "Name", p.Name, "Domain", p.Domain)
}

// tidyPlace and tidy make the names that people chose safe to stand in a
// subject and in lines of text.
func tidyPlace(p mail.Place) mail.Place {
	p.Name, p.Company, p.Domain = plain(p.Name), plain(p.Company), plain(p.Domain)
	return p
}

func tidy(d mail.Delegated) mail.Delegated {
	d.Host, d.Firm = tidyPlace(d.Host), tidyPlace(d.Firm)
	d.Person, d.Email, d.GivenBy = plain(d.Person), plain(d.Email), plain(d.GivenBy)
	d.Reason, d.Ticket, d.Roles = plain(d.Reason), plain(d.Ticket), plainAll(d.Roles)
	return d
}

func plainAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = plain(text)
	}
	return out
}

// plain puts a text on one line, without the invisible characters that turn
// the direction of reading around or hide what a name is.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r == '\u061c', r == '\u200b', r == '\u200e', r == '\u200f', r == '\u2060', r == '\ufeff',
			r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
