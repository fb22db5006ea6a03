// Sends one file at once and says how far it is: what is refused is known before anything is typed.

/**
 * Posts `file` to `address` as `photos`; `onProgress` gets 0 to 1. Resolves to the answer's JSON; rejects with
 * an Error whose `refused` is true when the other side said no (its message is the sentence to show), and false
 * when it could not be reached.
 */
export function upload(address, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("photos", file, file.name || "photo.jpg");
    request.open("POST", address);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    const fail = (message, refused) => reject(Object.assign(new Error(message), { refused }));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(request.response);
      else if (request.status >= 400 && request.status < 500) {
        fail(request.response?.error ?? request.response?.detail ?? "", true);
      } else fail("", false);
    });
    request.addEventListener("error", () => fail("", false));
    request.addEventListener("timeout", () => fail("", false));
    request.timeout = 120_000;
    request.send(form);
  });
}
