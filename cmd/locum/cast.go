package main

import strangers "locum/handlers/demo"

// person is somebody of the demo who can sign in.
type person struct{ name, email, signIn, can string }

// cast is who to sign in as, in the order of the story.
var cast = []person{
	{"Marieke de Vries", "marieke@devries.example", "saml", "manager of De Vries Logistiek, by single sign-on"},
	{"Anna Visser", "anna.visser@devries.example", "saml", "planner at De Vries, by single sign-on"},
	{"Karin Schouten", "karin@zonneveld.example", "code", "superuser of Zonneveld Bakkerijen"},
	{"Pim Zonneveld", "pim@zonneveld.example", "code", "the other superuser, reads Dutch"},
	{"Sanne Kuipers", "sanne@kade.example", "code", "consultant of Kade, with delegations"},
	{"Lotte van Dijk", "lotte@hub.example", "code", "operator of this installation"},
}

// tenants are the companies of the demo's identity provider, and who can sign
// in there.
var tenants = []strangers.Tenant{{
	Key: "devries", Name: "De Vries Logistiek", EntityID: "https://idp.devries.example/saml",
	Personas: []strangers.Persona{
		colleague("Marieke de Vries", "marieke@devries.example", "Manages the company and De Vries Production", "Management", "NL", "Company-Managers", "Production-Superusers", "Belgium-Superusers"),
		colleague("Jan-Willem Hoekstra", "jw.hoekstra@devries.example", "Superuser of De Vries Production", "IT", "NL", "Production-Superusers", "IT"),
		colleague("Anna Visser", "anna.visser@devries.example", "Planner; without her groups she loses her roles", "Planning", "NL", "Production-Staff", "Planning-Editors"),
		colleague("Fatima El Idrissi", "fatima.elidrissi@devries.example", "Planner in the Netherlands", "Planning", "NL", "Production-Staff", "Planning-Editors"),
		colleague("Daan Mulder", "daan.mulder@devries.example", "Works in the warehouse", "Warehouse", "NL", "Production-Staff"),
		colleague("Tom Whitfield", "tom.whitfield@devries.example", "Tests in De Vries Acceptance", "IT", "NL", "Acceptance-Testers", "IT"),
		colleague("Eline Peeters", "eline.peeters@devries.example", "Superuser of De Vries Belgium", "Planning", "BE", "Belgium-Superusers", "Planning-Editors"),
		colleague("Koen Maes", "koen.maes@devries.example", "Driver in Belgium", "Transport", "BE", "Belgium-Staff"),
		colleague("Bram Kuiper", "bram.kuiper@devries.example", "Works nights at the depot; his groups come from the directory", "Depot", "NL"),
		colleague("Lieke Jansen", "lieke.jansen@devries.example", "Leads at the depot; her groups come from the directory", "Depot", "NL"),
		colleague("Rik van den Heuvel", "rik.vandenheuvel@devries.example", "In no group at all: signed in, no access", "Finance", "NL"),
	},
}}

func colleague(name, email, note, department, country string, groups ...string) strangers.Persona {
	return strangers.Persona{Name: name, Email: email, Note: note, Attributes: map[string][]string{
		"department": {department}, "country": {country}, "groups": groups}}
}
