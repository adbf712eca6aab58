// Posts the response at once. Without this the Continue button does it.
document.getElementById("response").submit();
