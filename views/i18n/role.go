package i18n

import (
	"context"
	"strings"
)

// builtIn are the names under which the built-in roles stand in the registry.
// Other roles are named by the companies that made them, in one language.
var builtIn = map[string]string{"Manager": "common.role.manager", "Employee": "common.role.employee",
	"Superuser": "common.role.superuser", "Member": "common.role.member"}

// Role is a role's name for the reader: the built-in ones in his language.
func (l Locale) Role(name string) string {
	if key, found := builtIn[name]; found {
		return l.T(key)
	}
	return name
}

// Roles is Role for several, as words of a list.
func (l Locale) Roles(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = l.Role(strings.TrimSpace(name))
	}
	return list
}

// Role is Locale.Role for the reader of a page.
func Role(ctx context.Context, name string) string { return From(ctx).Role(name) }
