document.addEventListener("submit",t=>{let{target:e,submitter:d}=t;t.defaultPrevented||!(e instanceof HTMLFormElement)||e.method!=="dialog"||((d??e).dataset.pressed="")});
