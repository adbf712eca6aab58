package feed

import (
	"slices"
	"strings"

	"locum/models/event"
)

// Directory is the family of the events of directories. They keep a shape of
// their own: see Body.
const Directory = "organization.directory"

// directoryTypes are the published types of directory events.
var directoryTypes = []string{Directory + "_enabled", Directory + "_disabled",
	Directory + ".user_created", Directory + ".user_updated", Directory + ".user_deleted",
	Directory + ".group_created", Directory + ".group_updated", Directory + ".group_deleted"}

// Types are all types of event that machines can be told of.
var Types = types()

func types() []string {
	all := slices.Concat(event.Types, directoryTypes)
	slices.Sort(all)
	return slices.Compact(all)
}

// Family is the part of a type that several share: "role" of "role.granted".
func Family(kind string) string {
	if strings.HasPrefix(kind, Directory) {
		return Directory
	}
	family, _, _ := strings.Cut(kind, ".")
	return family
}

// Families are the families of Types, those first that most receivers want.
var Families = families()

// OrganizationFamilies are those of Families that are an organization's business. The
// others tell of its company or of the platform.
var OrganizationFamilies = []string{"role", "delegation", "visit", "member", "session", "access", "application", "organization", "profile", "account", "passkey", "webhook", "account_token", "secret", "usage"}

func families() []string {
	list := []string{Directory, "role", "delegation", "visit", "connector"}
	for _, kind := range Types {
		if family := Family(kind); !slices.Contains(list, family) {
			list = append(list, family)
		}
	}
	return list
}

// Expand gives the types that a choice stands for: a type itself, a family such as
// "role", or everything that begins alike, such as "organization.*". No choice at all
// is every type. ok is false when something in it is none of these.
func Expand(chosen []string) (list []string, ok bool) {
	if len(chosen) == 0 {
		return Types, true
	}
	ok = true
	for _, one := range chosen {
		found := false
		for _, kind := range Types {
			if !stands(one, kind) {
				continue
			}
			found = true
			if !slices.Contains(list, kind) {
				list = append(list, kind)
			}
		}
		ok = ok && found
	}
	return list, ok
}

// stands says whether a choice stands for a type.
func stands(choice, kind string) bool {
	if start, wild := strings.CutSuffix(choice, ".*"); wild {
		return start != "" && strings.HasPrefix(kind, start+".")
	}
	return choice == kind || choice == Family(kind)
}
