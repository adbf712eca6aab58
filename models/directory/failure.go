package directory

import "locum/models"

// The error keys with the scimType that belongs to each (RFC 7644, section
// 3.12, table 9).
func wrong(scimType, key string, args ...any) *models.Error {
	return models.Fail(models.Invalid, key, append(args, "ScimType", scimType)...)
}

func badValue(attribute string) *models.Error {
	return wrong("invalidValue", "directory.scim.value", "Attribute", short(attribute))
}

func badFilter(at string) *models.Error {
	return wrong("invalidFilter", "directory.scim.filter", "At", short(at))
}

func badPath(path string) *models.Error {
	return wrong("invalidPath", "directory.scim.path", "Path", short(path))
}

func badSyntax() *models.Error { return wrong("invalidSyntax", "directory.scim.syntax") }

func fixed(attribute string) *models.Error {
	return wrong("mutability", "directory.scim.mutability", "Attribute", short(attribute))
}

func taken(attribute string) *models.Error {
	return models.Fail(models.Conflict, "directory.scim.uniqueness", "Attribute", attribute, "ScimType", "uniqueness")
}

// stale is the answer to an If-Match of a version that is no more (RFC 7644,
// section 3.14).
func stale() *models.Error { return models.Fail(models.Stale, "directory.scim.version") }

// short keeps a text of the client's in an answer readable.
func short(text string) string {
	const most = 80
	runes := []rune(text)
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
