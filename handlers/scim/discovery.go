package scim

import (
	"strings"

	"locum/models"
	"locum/models/directory"
)

// configuration is what the server can do (RFC 7643, section 5).
func (r *request) configuration() (answer, error) {
	can := func(yes bool) map[string]any { return map[string]any{"supported": yes} }
	return said(200, map[string]any{
		"schemas":        []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"patch":          can(true),
		"bulk":           map[string]any{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter":         map[string]any{"supported": true, "maxResults": directory.MostCount},
		"changePassword": can(false),
		"sort":           can(true),
		"etag":           can(true),
		"authenticationSchemes": []any{map[string]any{"type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": true,
			"description": "A token of the directory, in the Authorization header", "specUri": "https://www.rfc-editor.org/info/rfc6750"}},
		"meta": map[string]any{"resourceType": "ServiceProviderConfig", "location": r.area.app.Absolute(Base + "/ServiceProviderConfig")},
	}, nil)
}

// one answers all of a list, or the one that is named by its id.
func one(parts []string, all []any) (answer, error) {
	if len(parts) == 0 {
		return listed(len(all), 1, all)
	}
	for _, a := range all {
		if id, _ := a.(map[string]any)["id"].(string); strings.EqualFold(id, parts[0]) && len(parts) == 1 {
			return said(200, a, nil)
		}
	}
	return answer{}, models.Unknown()
}

// resourceTypes are the types of resource (RFC 7643, section 6).
func (r *request) resourceTypes(parts []string) (answer, error) {
	of := func(name, endpoint, schema string, extensions ...any) map[string]any {
		out := map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}, "id": name, "name": name, "endpoint": endpoint, "schema": schema,
			"meta": map[string]any{"resourceType": "ResourceType", "location": r.area.app.Absolute(Base + "/ResourceTypes/" + name)}}
		if len(extensions) > 0 {
			out["schemaExtensions"] = extensions
		}
		return out
	}
	return one(parts, []any{
		of("User", "/Users", directory.UserSchema, map[string]any{"schema": directory.EnterpriseSchema, "required": false}),
		of("Group", "/Groups", directory.GroupSchema),
	})
}

// schemas are the schemas of the resources (RFC 7643, section 7).
func (r *request) schemas(parts []string) (answer, error) {
	var all []any
	for _, s := range directory.Schemas() {
		all = append(all, map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Schema"}, "id": s.ID, "name": s.Name, "attributes": attributes(s.Attributes),
			"meta": map[string]any{"resourceType": "Schema", "location": r.area.app.Absolute(Base + "/Schemas/" + s.ID)}})
	}
	return one(parts, all)
}

func attributes(list []directory.Attribute) []any {
	out := make([]any, 0, len(list))
	for _, a := range list {
		one := map[string]any{"name": a.Name, "type": string(a.Kind), "multiValued": a.Multi, "required": a.Required, "caseExact": a.CaseExact,
			"mutability": "readWrite", "returned": "default", "uniqueness": "none"}
		switch {
		case a.ReadOnly:
			one["mutability"] = "readOnly"
		case a.WriteOnly:
			one["mutability"], one["returned"] = "writeOnly", "never"
		case a.Immutable:
			one["mutability"] = "immutable"
		}
		if a.Unique {
			one["uniqueness"] = "server"
		}
		if len(a.References) > 0 {
			one["referenceTypes"] = a.References
		}
		if len(a.Sub) > 0 {
			one["subAttributes"] = attributes(a.Sub)
		}
		out = append(out, one)
	}
	return out
}
