/** Questions to begin with: for anyone, and for the people of the demo, whose stories they start. */

import { language } from "./language.js";

const ANYONE = {
  es: [
    "¿Cuánto cuestan los planes?",
    "¿Qué diferencia hay entre Básico y Pro?",
    "Hazme una cotización para 3 artistas y 12 lanzamientos al año",
    "¿Qué requisitos tiene la portada?",
  ],
  en: [
    "How much are the plans?",
    "What is the difference between Básico and Pro?",
    "Can I get a quote for 3 artists and 12 releases a year?",
    "What are the rules for cover art?",
  ],
};

const PEOPLE = {
  ana: {
    es: [
      "¿Por qué rechazaron mi portada?",
      "¿En qué estado está «Luz de Enero»?",
      "¿Cuál es mi saldo?",
      "¿Qué incluye el plan Label?",
    ],
    en: [
      "Why was my cover art rejected?",
      "What is the status of \"Luz de Enero\"?",
      "What is my balance?",
      "What does the Label plan include?",
    ],
  },
  bruno: {
    es: [
      "No me pagaron el último trimestre",
      "¿Por qué está retenido mi saldo?",
      "¿Cuánto gané en Spotify?",
      "¿Cuándo fue mi último pago?",
    ],
    en: [
      "I wasn't paid for the last quarter",
      "Why is my balance on hold?",
      "How much did I earn on Spotify?",
      "When was my last payment?",
    ],
  },
  carla: {
    es: [
      "Creo que hackearon mi cuenta",
      "Alguien cambió mis datos de pago y no fui yo",
      "¿Cuál es mi saldo?",
      "¿Qué incluye el plan Pro?",
    ],
    en: [
      "I think my account was hacked",
      "Someone changed my payment details and it wasn't me",
      "What is my balance?",
      "What does the Pro plan include?",
    ],
  },
};

export const examplesFor = (name) => (PEOPLE[name] ?? ANYONE)[language()];
