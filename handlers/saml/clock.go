package saml

import (
	"time"

	"github.com/beevik/etree"
)

// ahead is by how much the provider's clock is ahead of ours at least, and below
// zero by how much it is behind: what it wrote down as now lies after our now, or
// before it was asked. Zero where its times do not tell, which is the rule: an
// answer is under way for a while. NotBefore may be earlier on purpose, and so
// tells of a clock that is ahead alone.
func (want Expectation) ahead(assertion *etree.Element) (time.Duration, error) {
	issued, err := moment(assertion, "IssueInstant")
	if err != nil {
		return 0, err
	}
	latest := issued
	for _, conditions := range children(assertion, nsAssertion, "Conditions") {
		from, err := instant(conditions, "NotBefore")
		if err != nil {
			return 0, err
		}
		if from.After(latest) {
			latest = from
		}
	}
	switch {
	case latest.After(want.Now):
		return latest.Sub(want.Now), nil
	case issued.Before(want.RequestedAt):
		return issued.Sub(want.RequestedAt), nil
	}
	return 0, nil
}
