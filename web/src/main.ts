import { mount } from 'svelte'
import App from './App.svelte'
import './themes.css'

mount(App, { target: document.getElementById('app')! })
