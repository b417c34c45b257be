// Prints the switches that Puppeteer launches Chromium with, as a JSON array.

import puppeteer from "puppeteer-core";

console.log(JSON.stringify(await puppeteer.defaultArgs()));
