using System.Net;
using System.Text.Json;

namespace Lockstep.Cli.Tests.Board;

/// <summary>What the board shows of trainings under faults.</summary>
public sealed class BoardChaosTests : IAsyncLifetime
{
    private const string Timeline = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    private const string Result = """
        {"outcome":"same","message":null,"steps":120,"seconds":9.5,"examplesPerSecond":1000,"longestWaitSeconds":1.25,"disk":"d",
        "checkpointsRefused":0,"weightsSha256":"ab","undisturbedSha256":"ab","tracedSteps":120,"firstDifferentStep":null,"faults":[
        {"number":1,"planned":{"at":2,"fault":"slow","worker":2,"seconds":3,"megabytesPerSecond":5},"at":2.1,"step":30,
        "secondsToRecover":0.5,"stepsRepeated":4,"weightsEqual":true},
        {"number":2,"planned":{"at":4,"fault":"kill","coordinator":"leader"},"at":4.1,"step":60,"secondsToRecover":null,
        "stepsRepeated":0,"weightsEqual":null}]}
        """;

    private readonly TemporaryFolder _folder = new();
    private ServedBoard _board = null!;

    public async Task InitializeAsync()
    {
        await WriteAsync(_folder.File("served/a chaos"), Result);
        await WriteAsync(_folder.File("served/broken"), "{");
        await WriteAsync(_folder.File("served/foreign"), """{"outcome":"same"}""");
        await WriteAsync(_folder.File("served/strange"), """{"outcome":"same","faults":[{"number":1}]}""");
        await WriteAsync(_folder.File("outside"), Result);
        _board = await ServedBoard.StartAsync(_folder.File("served"));
    }

    public async Task DisposeAsync()
    {
        await _board.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Chaos_InTheFolder_IsListedAndShown()
    {
        JsonElement listed = Assert.Single((await _board.JsonAsync("/api/chaos")).EnumerateArray());
        JsonElement found = await _board.JsonAsync("/api/chaos/a%20chaos");

        Assert.Equal(("a chaos", "good"), (listed.GetProperty("name").GetString(), listed.GetProperty("kind").GetString()));
        Assert.Empty(listed.GetProperty("result").GetProperty("faults").EnumerateArray());
        Assert.Equal(
            ["slow worker 2 to 5 MB/s for 3 s", "kill leader"],
            found.GetProperty("faults").EnumerateArray().Select(fault => fault.GetString()));
        JsonElement second = found.GetProperty("result").GetProperty("faults")[1];
        Assert.Equal((60L, JsonValueKind.Null), (second.GetProperty("step").GetInt64(), second.GetProperty("weightsEqual").ValueKind));
    }

    [Fact]
    public async Task Chaos_OfTheFolderItself_IsListed()
    {
        await using ServedBoard board = await ServedBoard.StartAsync(_folder.File("served/a chaos"));

        JsonElement listed = Assert.Single((await board.JsonAsync("/api/chaos")).EnumerateArray());
        Assert.Equal("a chaos", listed.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Timeline_IsServedWithThePolicyOfThePage()
    {
        using HttpResponseMessage page = await _board.Client.GetAsync("/");
        using HttpResponseMessage picture = await _board.Client.GetAsync("/api/chaos/a%20chaos/timeline.svg");

        Assert.Equal(Timeline, await picture.Content.ReadAsStringAsync());
        Assert.Equal("image/svg+xml", picture.Content.Headers.ContentType!.MediaType);
        Assert.Equal(page.Headers.GetValues("Content-Security-Policy"), picture.Headers.GetValues("Content-Security-Policy"));
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("..%2foutside")]
    [InlineData("..%2f..%2foutside")]
    [InlineData("%2e%2e%2foutside")]
    [InlineData("a%20chaos%2f..%2f..%2foutside")]
    [InlineData("outside")]
    public async Task Chaos_ThatIsNotInTheFolder_IsNotFound(string name)
    {
        foreach (string path in (string[])[$"/api/chaos/{name}", $"/api/chaos/{name}/timeline.svg"])
        {
            using HttpResponseMessage answer = await _board.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Timeline_ThatIsALinkToElsewhere_IsNotServed()
    {
        string picture = _folder.File("served/a chaos/timeline.svg");
        File.Delete(picture);
        _ = File.CreateSymbolicLink(picture, _folder.File("outside/timeline.svg"));
        using HttpResponseMessage answer = await _board.Client.GetAsync("/api/chaos/a%20chaos/timeline.svg");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.False((await _board.JsonAsync("/api/chaos/a%20chaos")).GetProperty("hasPicture").GetBoolean());
    }

    private static async Task WriteAsync(string folder, string result)
    {
        _ = Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "result.json"), result);
        await File.WriteAllTextAsync(Path.Combine(folder, "timeline.svg"), Timeline);
    }
}
