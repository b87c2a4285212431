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
      "¿Cómo va mi lanzamiento?",
      "¿Cuánto cuesta pasar al plan Pro?",
      "¿Cuál es mi saldo?",
    ],
    en: [
      "Why was my cover art rejected?",
      "How is my release going?",
      "How much is it to move to Pro?",
      "What is my balance?",
    ],
  },
  bruno: {
    es: [
      "No me han pagado el último trimestre",
      "¿Cuál es mi saldo?",
      "¿Cuánto gané en Spotify?",
      "Quiero retirar mi saldo",
    ],
    en: [
      "I haven't been paid for the last quarter",
      "What is my balance?",
      "How much did I earn on Spotify?",
      "I want to withdraw my balance",
    ],
  },
  carla: {
    es: [
      "Creo que hackearon mi cuenta",
      "Alguien cambió mis datos de pago y no fui yo",
      "¿Cuál es mi saldo?",
      "¿Cuándo fue mi último pago?",
    ],
    en: [
      "I think my account was hacked",
      "Someone changed my payment details and it wasn't me",
      "What is my balance?",
      "When was my last payment?",
    ],
  },
};

export const examplesFor = (name) => (PEOPLE[name] ?? ANYONE)[language()];
