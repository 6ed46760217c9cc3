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

        LockstepProcess.Signal(train.Children()[0], 9);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.lanes .mark.bad').length > 0", Patience);
        await page.WaitForFunctionAsync("() => document.querySelector('.events').textContent.includes(' lost: ')", Patience);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('.chart .mark.bad').length > 0", Patience);
        await page.WaitForFunctionAsync("() => document.body.textContent.includes('Computed from step-')", Patience);
        await AssertAccessibleAsync(page);
        Assert.Empty(errors);

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
        Assert.True(
            await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth") <= width, "The page is wider than the window.");

        IElementHandle sheet = await page.QuerySelectorAsync("canvas.paper");
        await sheet.ScrollIntoViewAsync();
        BoundingBox place = await sheet.BoundingBoxAsync();
        await page.Mouse.MoveAsync(place.X + 100, place.Y + 60);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(place.X + 100, place.Y + 220);
        await page.Mouse.UpAsync();
        await page.WaitForFunctionAsync("() => document.querySelector('.said .answer, .said .bad')", Patience);
        Assert.Empty(errors);
    }

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
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 900 });
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
