namespace Lockstep.Cli.Tests;

/// <summary>Whole trainings of a few steps on <see cref="TinyImages"/>, with coordinator and worker in this process and real sockets between them.</summary>
internal static class TinyRun
{
    /// <summary>
    /// A coordinator with the options, and a worker for it. Where checkpoints fell due faster than the disk took them, it trains anew: tests count on those
    /// that they ask for.
    /// </summary>
    /// <param name="images">Folder of the images.</param>
    /// <param name="options">Options of the coordinator.</param>
    public static async Task<CommandRun> TrainAsync(string images, params string[] options)
    {
        const int attempts = 50;
        int place = Array.IndexOf(options, "--out") + 1;
        string? folder = place > 0 && !options.Contains("--resume") && !Directory.Exists(options[place]) ? options[place] : null;
        for (int i = 1; ; i++)
        {
            CommandRun run = await TrainOnceAsync(images, options);
            if (i == attempts || folder is null || !run.Error.Contains("Checkpoints fall due faster than the disk takes them", StringComparison.Ordinal))
                return run;
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<CommandRun> TrainOnceAsync(string images, string[] options)
    {
        var error = new Training.WatchedWriter("workers join with: lockstep worker --join ");
        string[] given = options.Contains("--resume") || options.Contains("--config")
            ? options
            : ["--data-dir", images, "--dataset", "mnist", "--batch-size", "8", "--shards", "2", .. options.Contains("--model") ? Array.Empty<string>() : ["--model", "784-2"], .. options];
        Task<CommandRun> coordinator = CommandRun.RunAsync(["coordinator", .. given], error);
        if (await Task.WhenAny(coordinator, error.RestOfLineAsync()) == coordinator)
            return await coordinator;
        CommandRun worker = await CommandRun.RunAsync(["worker", "--join", await error.RestOfLineAsync(), "--lanes", "1", "--quiet"]);
        Assert.Equal(ExitCode.Done, worker.ExitCode);
        return await coordinator;
    }
}
