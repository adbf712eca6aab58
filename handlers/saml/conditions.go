package saml

import (
	"slices"
	"time"

	"github.com/beevik/etree"
)

// checkAssertion holds a vouched assertion against the expectation
// (saml-profiles-2.0, section 4.1.4.3).
func (want Expectation) checkAssertion(assertion *etree.Element) error {
	if v := attr(assertion, "Version"); v != version {
		return refuse(WrongVersion, "Assertion of version %q", v)
	}
	if attr(assertion, "ID") == "" {
		return refuse(Malformed, "Assertion without ID")
	}
	for _, check := range []func(*etree.Element) error{
		func(el *etree.Element) error { return want.checkIssuer(el, true) },
		want.checkIssued,
		want.checkConditions,
		want.checkSubject,
		want.checkAuthentication,
	} {
		if err := check(assertion); err != nil {
			return err
		}
	}
	return nil
}

// checkIssued compares IssueInstant with our clock: later than now means that
// the provider's clock is ahead, earlier than the request that it is behind.
func (want Expectation) checkIssued(el *etree.Element) error {
	issued, err := moment(el, "IssueInstant")
	if err != nil {
		return err
	}
	if early := issued.Sub(want.Now); early > want.Skew {
		return refuse(NotYetValid, "%s issued %v ahead", el.Tag, early).off(early)
	}
	if want.RequestedAt.IsZero() {
		return nil
	}
	if late := want.RequestedAt.Sub(issued); late > want.Skew {
		return refuse(ClockBehind, "%s issued %v before the request", el.Tag, late).off(late)
	}
	return nil
}

// checkWindow compares NotBefore and NotOnOrAfter, where they are given.
func (want Expectation) checkWindow(el *etree.Element) error {
	from, err := instant(el, "NotBefore")
	if err != nil {
		return err
	}
	until, err := instant(el, "NotOnOrAfter")
	if err != nil {
		return err
	}
	if early := from.Sub(want.Now); !from.IsZero() && early > want.Skew {
		return refuse(NotYetValid, "%s begins in %v", el.Tag, early).off(early)
	}
	if late := want.Now.Sub(until); !until.IsZero() && late >= want.Skew {
		return refuse(Expired, "%s ended %v ago", el.Tag, late).off(max(late, time.Minute))
	}
	return nil
}

// checkConditions wants at least one audience, all of them ours, and refuses
// conditions it cannot judge (saml-core-2.0, section 2.5.1.1).
func (want Expectation) checkConditions(assertion *etree.Element) error {
	conditions, err := atMostOne(assertion, nsAssertion, "Conditions")
	if err != nil {
		return err
	}
	if conditions == nil {
		return refuse(NotForUs, "no Conditions, so no audience")
	}
	if err := want.checkWindow(conditions); err != nil {
		return err
	}
	audiences := 0
	for _, condition := range conditions.ChildElements() {
		switch {
		case is(condition, nsAssertion, "AudienceRestriction"):
			audiences++
			if !slices.ContainsFunc(children(condition, nsAssertion, "Audience"), func(audience *etree.Element) bool {
				return text(audience) == want.EntityID
			}) {
				return refuse(NotForUs, "audience %q", text(condition))
			}
		case is(condition, nsAssertion, "OneTimeUse"), is(condition, nsAssertion, "ProxyRestriction"):
			// Each assertion is used once here and handed to nobody.
		default:
			return refuse(UnknownCondition, "condition %s", condition.Tag)
		}
	}
	if audiences == 0 {
		return refuse(NotForUs, "no AudienceRestriction")
	}
	return nil
}

// checkSubject wants one bearer confirmation that holds in full. When none
// does, the first one's reason is told.
func (want Expectation) checkSubject(assertion *etree.Element) error {
	subject, err := atMostOne(assertion, nsAssertion, "Subject")
	if err != nil {
		return err
	}
	if subject == nil {
		return refuse(NoSubject, "no Subject")
	}
	var first error
	for _, confirmation := range children(subject, nsAssertion, "SubjectConfirmation") {
		if attr(confirmation, "Method") != methodBearer {
			continue
		}
		err := want.checkBearer(confirmation)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	if first != nil {
		return first
	}
	return refuse(NoBearer, "no bearer confirmation")
}

func (want Expectation) checkBearer(confirmation *etree.Element) error {
	data, err := atMostOne(confirmation, nsAssertion, "SubjectConfirmationData")
	if err != nil {
		return err
	}
	if data == nil {
		return refuse(NoBearer, "no SubjectConfirmationData")
	}
	if recipient := attr(data, "Recipient"); recipient != want.ACS {
		return refuse(NotForUs, "Recipient %q", recipient)
	}
	if _, err := moment(data, "NotOnOrAfter"); err != nil {
		return err
	}
	if err := want.checkWindow(data); err != nil {
		return err
	}
	return want.checkRequest(attr(data, "InResponseTo"))
}

// checkAuthentication wants a statement that the person signed in, and the
// session it speaks of not to be over.
func (want Expectation) checkAuthentication(assertion *etree.Element) error {
	statements := children(assertion, nsAssertion, "AuthnStatement")
	if len(statements) == 0 {
		return refuse(NoAuthentication, "no AuthnStatement")
	}
	for _, statement := range statements {
		authenticated, err := moment(statement, "AuthnInstant")
		if err != nil {
			return err
		}
		if early := authenticated.Sub(want.Now); early > want.Skew {
			return refuse(NotYetValid, "signed in %v ahead", early).off(early)
		}
		ends, err := instant(statement, "SessionNotOnOrAfter")
		if err != nil {
			return err
		}
		if late := want.Now.Sub(ends); !ends.IsZero() && late >= want.Skew {
			return refuse(SessionEnded, "the session ended %v ago", late)
		}
	}
	return nil
}
