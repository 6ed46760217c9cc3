using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using PuppeteerSharp;

namespace Lockstep.Cluster.Tests.Board;

/// <summary>The board in a real browser, while real processes train.</summary>
public sealed partial class BoardInBrowserTests : IDisposable
{
    private static readonly WaitForFunctionOptions Patience = new() { Timeout = (int)LockstepProcess.Deadline.TotalMilliseconds };

    private readonly SmallRun _run = new();

    public void Dispose() => _run.Dispose();

    [SkippableFact]
    public async Task TrainedRun_LosesAWorker_IsSeenAtOnce()
    {
        await using IBrowser browser = await Browser.StartAsync();
        string folder = _run.NewOut();
        using LockstepProcess train = LockstepProcess.Start(_run.TrainAtOnce(
            folder, "--workers", "2", "--min-workers", "2", "--lanes", "1", "--epochs", "100000", "--http", "127.0.0.1:0"));
        string address = Address().Match(train.WaitForLine("the board", line => line.Contains("board, health and metrics at "))).Value;
        train.WaitForCheckpoints(folder);
        (IPage page, List<string> errors) = await OpenAsync(browser, $"{address}/#/run/{Path.GetFileName(folder)}");

        await page.WaitForFunctionAsync("() => document.getElementById('link').textContent === 'live'", Patience);
        string step = await page.EvaluateExpressionAsync<string>("document.querySelectorAll('.tile b')[3].textContent");
        await page.WaitForFunctionAsync("before => document.querySelectorAll('.tile b')[3].textContent !== before", Patience, step);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.lanes rect.there').length >= 2", Patience);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.chart polyline').length >= 4", Patience);
        Assert.Equal(0, await page.EvaluateExpressionAsync<int>("document.querySelectorAll('.lanes .mark.bad').length"));

        await page.WaitForFunctionAsync("() => document.querySelectorAll('.lanes .mark.saved').length > 0", Patience);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.chart .mark.saved').length > 0", Patience);
        await page.ClickAsync("summary");
        string digests = await page.EvaluateExpressionAsync<string>("document.querySelector('.digests').textContent");
        await page.WaitForFunctionAsync("before => document.querySelector('.digests').textContent !== before", Patience, digests);

        const int Stop = 19, Kill = 9;
        LockstepProcess.Signal(train.Children()[0], Stop);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.lanes .mark.late').length > 0", Patience);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.lanes .mark.reissued').length > 0", Patience);
        LockstepProcess.Signal(train.Children()[0], Kill);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.lanes .mark.bad').length > 0", Patience);
        await page.WaitForFunctionAsync("() => document.querySelector('.events').textContent.includes(' lost: ')", Patience);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.chart .mark.bad').length > 0", Patience);
        await page.WaitForFunctionAsync("() => document.body.textContent.includes('Computed from step-')", Patience);
        await AssertAccessibleAsync(page);
        Assert.True(errors.Count == 0, string.Join("\n", errors));

        train.Kill();
        await page.WaitForFunctionAsync("() => document.getElementById('link').textContent.startsWith('not connected')", Patience);
    }

    [SkippableTheory]
    [InlineData(1200, "light")]
    [InlineData(390, "dark")]
    public async Task Runs_OfAFolder_AreComparedAndTried(int width, string scheme)
    {
        await using IBrowser browser = await Browser.StartAsync();
        string[] folders = [_run.NewOut(), _run.NewOut()];
        foreach (string folder in folders)
        {
            using LockstepProcess train = LockstepProcess.Start(_run.Train(folder, "--workers", "1"));
            SmallRun.AssertEnded(train.WaitForSummary(), _run.WeightsSha256);
        }

        using LockstepProcess board = LockstepProcess.Start(["board", Path.GetDirectoryName(folders[0])!, "--http", "127.0.0.1:0"]);
        string address = Address().Match(board.WaitForLine("the board", line => line.Contains("board of "))).Value;
        (IPage page, List<string> errors) = await OpenAsync(browser, address, width, scheme);

        await page.WaitForFunctionAsync("() => document.querySelectorAll('.runs tbody tr').length === 2", Patience);
        foreach (string folder in folders)
            await (await page.QuerySelectorAsync($"input[aria-label='Compare {Path.GetFileName(folder)}']")).ClickAsync();
        await page.WaitForFunctionAsync("() => document.body.textContent.includes('The same weights, to the bit, up to step')", Patience);
        await AssertAccessibleAsync(page);
        await page.TypeAsync("input[type=search]", Path.GetFileName(folders[1]));
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.runs tbody tr').length === 1", Patience);
        await page.ClickAsync(".runs tbody a");
        await page.WaitForFunctionAsync("() => document.body.textContent.includes('Verified: summary.json says the same.')", Patience);
        await AssertAccessibleAsync(page);
        Assert.True(await WidthAsync(page) <= width, "The page is wider than the window.");

        await page.WaitForFunctionAsync("() => document.querySelectorAll('.small svg').length === 4", Patience);
        await PressAsync(page, "Evaluate");
        await page.WaitForFunctionAsync(
            "() => document.querySelector('.confusion') && document.querySelectorAll('section img').length >= 2", Patience);
        await AssertAccessibleAsync(page);
        Assert.True(await WidthAsync(page) <= width, "The page is wider than the window with an evaluation.");

        IElementHandle sheet = await page.WaitForSelectorAsync("canvas.paper");
        await sheet.ScrollIntoViewAsync();
        BoundingBox place = await sheet.BoundingBoxAsync();
        await page.Mouse.MoveAsync(place.X + 100, place.Y + 60);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(place.X + 100, place.Y + 220);
        await page.Mouse.UpAsync();
        await page.WaitForFunctionAsync("() => document.querySelector('.said .answer, .said .bad')", Patience);
        Assert.True(errors.Count == 0, string.Join("\n", errors));
    }

    [SkippableTheory]
    [InlineData(1200, "dark")]
    [InlineData(390, "light")]
    public async Task Rows_OfATable_AreAskedByKeyboard(int width, string scheme)
    {
        await using IBrowser browser = await Browser.StartAsync();
        string folder = Directory.CreateDirectory(_run.NewOut()).FullName, table = Path.Combine(folder, "table.csv");
        await File.WriteAllLinesAsync(
            table,
            ["e,colour,kind", .. Enumerable.Range(0, 90).Select(row => $"{row % 15},{(row % 2 == 0 ? "red" : "blue")},{row % 3}")]);
        using LockstepProcess train = LockstepProcess.Start(
            ["train", "--dataset", table, "--label", "kind", "--epochs", "2", "--out", Path.Combine(folder, "rows"), "--json"]);
        _ = train.WaitForSummary();
        using LockstepProcess board = LockstepProcess.Start(["board", folder, "--http", "127.0.0.1:0"]);
        string address = Address().Match(board.WaitForLine("the board", line => line.Contains("board of "))).Value;
        (IPage page, List<string> errors) = await OpenAsync(browser, $"{address}/#/run/rows", width, scheme);

        IElementHandle size = await page.WaitForSelectorAsync(".fields input");
        Assert.NotEqual("", await size.EvaluateFunctionAsync<string>("field => field.value"));
        await size.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.said .share').length === 3", Patience);
        await page.Keyboard.TypeAsync("x");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForFunctionAsync("() => document.querySelector('.said').textContent.includes(' is no number.')", Patience);
        Assert.Equal("true", await size.EvaluateFunctionAsync<string>("field => field.getAttribute('aria-invalid')"));
        await AssertAccessibleAsync(page);

        await page.FocusAsync(".question summary");
        await page.Keyboard.PressAsync("Enter");
        await page.TypeAsync(".question textarea", "3,red\n,blue");
        await PressAsync(page, "Ask for these");
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.said tbody tr').length === 2", Patience);
        await PressAsync(page, "Evaluate");
        await page.WaitForFunctionAsync("() => document.body.textContent.includes('how surely')", Patience);
        await AssertAccessibleAsync(page);
        Assert.True(await WidthAsync(page) <= width, "The page is wider than the window.");
        Assert.Empty(errors);
    }

    [SkippableTheory]
    [InlineData(1200, "light")]
    [InlineData(390, "dark")]
    public async Task Chaos_InTheFolder_IsShownWithItsTimeline(int width, string scheme)
    {
        await using IBrowser browser = await Browser.StartAsync();
        string folder = _run.NewOut(), chaos = Directory.CreateDirectory(Path.Combine(folder, "seed 7")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(chaos, "result.json"),
            """
            {"outcome":"same","steps":120,"seconds":9.5,"examplesPerSecond":1000,"longestWaitSeconds":1.25,"faults":[
            {"number":1,"planned":{"at":2,"fault":"kill","worker":2},"at":2.1,"step":30,"secondsToRecover":0.5,"stepsRepeated":0}]}
            """);
        await File.WriteAllTextAsync(
            Path.Combine(chaos, "timeline.svg"),
            """<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="400"><rect width="1280" height="400" fill="#fff"/></svg>""");
        using LockstepProcess board = LockstepProcess.Start(["board", folder, "--http", "127.0.0.1:0"]);
        string address = Address().Match(board.WaitForLine("the board", line => line.Contains("board of "))).Value;
        (IPage page, List<string> errors) = await OpenAsync(browser, address, width, scheme);

        await (await page.WaitForSelectorAsync("a[href='#/chaos/seed%207']")).ClickAsync();
        await page.WaitForFunctionAsync("() => document.querySelector('img.timeline')?.naturalWidth === 1280", Patience);
        await page.WaitForFunctionAsync("() => document.querySelector('tbody').textContent.includes('1 kill worker 2')", Patience);
        await AssertAccessibleAsync(page);
        Assert.True(await WidthAsync(page) <= width, "The page is wider than the window.");
        Assert.Empty(errors);
    }

    /// <summary>Presses a button by the keyboard.</summary>
    private static async Task PressAsync(IPage page, string button)
    {
        await page.EvaluateFunctionAsync(
            "text => [...document.querySelectorAll('button')].find(button => button.textContent === text).focus()", button);
        await page.Keyboard.PressAsync("Enter");
    }

    private static Task<int> WidthAsync(IPage page) => page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth");

    private static async Task<(IPage Page, List<string> Errors)> OpenAsync(
        IBrowser browser, string address, int width = 1200, string scheme = "light")
    {
        IPage page = await browser.NewPageAsync();
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error.Message);
        page.Request += (_, request) =>
        {
            if (!request.Request.Url.StartsWith("http://127.0.0.1:", StringComparison.Ordinal)
                && !request.Request.Url.StartsWith("data:", StringComparison.Ordinal)
                && !request.Request.Url.StartsWith("blob:", StringComparison.Ordinal))
                errors.Add($"It asks {request.Request.Url}.");
        };
        await page.SetBypassCSPAsync(true); // For the checker's script.
        // Tall enough for all of a page: what is out of view is not drawn.
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 6000 });
        await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme }]);
        await page.GoToAsync(address, WaitUntilNavigation.DOMContentLoaded);
        return (page, errors);
    }

    private static async Task AssertAccessibleAsync(IPage page)
    {
        await page.EvaluateExpressionAsync(new BundledAxeScriptProvider().GetScript());
        string[] violations = await page.EvaluateFunctionAsync<string[]>(
            "async () => (await axe.run()).violations.map(found => `${found.id}: ${found.nodes[0].html}`)");
        Assert.Empty(violations);
    }

    [GeneratedRegex("http://127.0.0.1:[0-9]+")]
    private static partial Regex Address();
}
