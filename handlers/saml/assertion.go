package saml

import (
	"strings"
	"time"

	"github.com/beevik/etree"
)

// GroupsOverage is the attribute that Entra ID sends instead of the groups when
// a person is in more of them than it puts in a response (150).
const GroupsOverage = "http://schemas.microsoft.com/claims/groups.link"

// maxNameLength bounds a NameID (saml-core-2.0, section 8.3.7 gives 256 for a
// persistent one; some providers take a little more).
const maxNameLength = 1024

// Assertion is what an identity provider vouches for. All times are UTC.
type Assertion struct {
	ID     string
	Issuer string
	NameID NameID

	SessionIndex        string // for single logout; may be empty
	AuthnInstant        time.Time
	AuthnContext        string        // how the person signed in, a class reference; may be empty
	SessionNotOnOrAfter time.Time     // zero when the provider sets no end
	Ahead               time.Duration // of the provider's clock before ours, at least; below zero for behind
	Expires             time.Time     // until when, skew included, it would pass again if nobody remembered it

	Attributes []Attribute // in the order they came, each name once
}

// NameID names a person at his identity provider. Only all of its parts
// together, with the issuer, tell two people apart.
type NameID struct {
	Value           string
	Format          string // NameUnspecified when none is given
	NameQualifier   string
	SPNameQualifier string
}

// Transient tells that the name is another one at every sign-in, so that nobody
// may be recognised by it.
func (n NameID) Transient() bool { return n.Format == NameTransient }

// Attribute is what the provider says of a person under one name. An attribute
// that is there without values is empty, which differs from one that is absent.
type Attribute struct {
	Name         string
	NameFormat   string
	FriendlyName string
	Values       []string // without empty ones and surrounding white space
}

// Presence is the state of an attribute.
type Presence int

// The three states: nothing is said, it is said to be empty, there are values.
const (
	Absent Presence = iota
	Empty
	Present
)

// Lookup finds an attribute by its Name, or else by its FriendlyName.
func (a Assertion) Lookup(name string) (Attribute, Presence) {
	for _, by := range []func(Attribute) string{
		func(at Attribute) string { return at.Name },
		func(at Attribute) string { return at.FriendlyName },
	} {
		for _, attribute := range a.Attributes {
			if by(attribute) != name {
				continue
			}
			if len(attribute.Values) == 0 {
				return attribute, Empty
			}
			return attribute, Present
		}
	}
	return Attribute{}, Absent
}

// GroupsLeftOut tells that the provider left the groups out because there are
// too many: their absence then says nothing.
func (a Assertion) GroupsLeftOut() bool {
	_, state := a.Lookup(GroupsOverage)
	return state != Absent
}

// readAssertion takes the content out of an assertion that passed every check.
func (want Expectation) readAssertion(el *etree.Element) (Assertion, error) {
	a := Assertion{ID: attr(el, "ID")}
	for _, issuer := range children(el, nsAssertion, "Issuer") {
		a.Issuer = text(issuer)
	}
	var err error
	if a.NameID, err = readName(el); err != nil {
		return Assertion{}, err
	}
	if err := a.readStatements(el); err != nil {
		return Assertion{}, err
	}
	last, err := lastUse(el)
	if err != nil {
		return Assertion{}, err
	}
	a.Expires = last.Add(want.Skew)
	if a.Ahead, err = want.ahead(el); err != nil {
		return Assertion{}, err
	}
	if a.Attributes, err = readAttributes(el, want.Limits.Values); err != nil {
		return Assertion{}, err
	}
	return a, nil
}

func readName(assertion *etree.Element) (NameID, error) {
	subject, err := atMostOne(assertion, nsAssertion, "Subject")
	if err != nil {
		return NameID{}, err
	}
	if subject == nil {
		return NameID{}, refuse(NoSubject, "no Subject")
	}
	if len(children(subject, nsAssertion, "EncryptedID")) > 0 {
		return NameID{}, refuse(EncryptedPart, "EncryptedID")
	}
	el, err := atMostOne(subject, nsAssertion, "NameID")
	if err != nil {
		return NameID{}, err
	}
	if el == nil || text(el) == "" {
		return NameID{}, refuse(NoSubject, "no NameID")
	}
	name := NameID{
		Value:           text(el),
		Format:          attr(el, "Format"),
		NameQualifier:   attr(el, "NameQualifier"),
		SPNameQualifier: attr(el, "SPNameQualifier"),
	}
	if name.Format == "" {
		name.Format = NameUnspecified
	}
	if len(name.Value) > maxNameLength || len(el.ChildElements()) > 0 {
		return NameID{}, refuse(Malformed, "NameID of %d bytes", len(name.Value))
	}
	return name, nil
}

func (a *Assertion) readStatements(assertion *etree.Element) (err error) {
	for i, statement := range children(assertion, nsAssertion, "AuthnStatement") {
		ends, err := instant(statement, "SessionNotOnOrAfter")
		if err != nil {
			return err
		}
		if a.SessionNotOnOrAfter.IsZero() || !ends.IsZero() && ends.Before(a.SessionNotOnOrAfter) {
			a.SessionNotOnOrAfter = ends
		}
		if i > 0 {
			continue
		}
		a.SessionIndex = attr(statement, "SessionIndex")
		if a.AuthnInstant, err = instant(statement, "AuthnInstant"); err != nil {
			return err
		}
		for _, how := range children(statement, nsAssertion, "AuthnContext") {
			for _, class := range children(how, nsAssertion, "AuthnContextClassRef") {
				a.AuthnContext = text(class)
			}
		}
	}
	return nil
}

// lastUse is the end of the latest confirmation, after which none holds.
func lastUse(assertion *etree.Element) (time.Time, error) {
	var last time.Time
	err := walk(assertion, func(el *etree.Element) error {
		if !is(el, nsAssertion, "SubjectConfirmationData") {
			return nil
		}
		until, err := instant(el, "NotOnOrAfter")
		if until.After(last) {
			last = until
		}
		return err
	})
	return last, err
}

// readAttributes merges what stands under one name: some providers repeat the
// Attribute for each value.
func readAttributes(assertion *etree.Element, limit int) ([]Attribute, error) {
	var all []Attribute
	at := map[string]int{}
	values := 0
	for _, statement := range children(assertion, nsAssertion, "AttributeStatement") {
		if len(children(statement, nsAssertion, "EncryptedAttribute")) > 0 {
			return nil, refuse(EncryptedPart, "EncryptedAttribute")
		}
		for _, el := range children(statement, nsAssertion, "Attribute") {
			name := strings.TrimSpace(attr(el, "Name"))
			if name == "" {
				return nil, refuse(Malformed, "Attribute without Name")
			}
			i, there := at[name]
			if !there {
				i = len(all)
				at[name] = i
				all = append(all, Attribute{Name: name, NameFormat: attr(el, "NameFormat"), FriendlyName: strings.TrimSpace(attr(el, "FriendlyName"))})
			}
			for _, value := range children(el, nsAssertion, "AttributeValue") {
				if values++; values > limit {
					return nil, refuse(TooManyValues, "more than %d values, at %q", limit, name)
				}
				if v := text(value); v != "" {
					all[i].Values = append(all[i].Values, v)
				}
			}
		}
	}
	return all, nil
}
