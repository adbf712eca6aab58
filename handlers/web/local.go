package web

import (
	"net/url"
	"strings"

	"locum/views/layout"
)

// Local says whether a text is an absolute path within Locum, so that going
// there cannot lead to another site. Browsers read a backslash as a slash and
// drop control characters, so neither may stand in it.
func Local(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || len(path) > 2000 {
		return false
	}
	for _, c := range path {
		if c == '\\' || c <= ' ' || c == 0x7f {
			return false
		}
	}
	to, err := url.Parse(path)
	return err == nil && to.Host == "" && to.Scheme == "" && to.User == nil
}

// area is the part of Locum that a path belongs to.
func area(path string) layout.Area {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "company", "set-up":
		return layout.CompanyArea
	case "platform":
		return layout.PlatformArea
	case "home", "account", "offers", "inbox", "my-delegations", "my-visits", "request":
		return layout.PersonalArea
	}
	return layout.OrganizationArea
}
