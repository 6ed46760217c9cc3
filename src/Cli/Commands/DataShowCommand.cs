using Lockstep.Cli.Configuration;
using Lockstep.Cli.Images;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;

namespace Lockstep.Cli.Commands;

/// <summary><c>data show</c>: a picture of many images.</summary>
internal static class DataShowCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        Settings settings = invocation.Settings;
        LoadedDataset loaded;
        await using (RunDisplay display = RunDisplay.Create(invocation.Io, settings))
            loaded = await DatasetAccess.LoadAsync(DatasetAccess.Name(invocation.Argument), settings, invocation.Io, display, CancellationToken.None);
        string split = settings.Get(OptionTable.Split);
        (ImageSet images, int first, int count) = DatasetAccess.Split(loaded.Data, split);
        string file = settings.Find(OptionTable.SheetFile) ?? $"{loaded.Data.Name}-{split}.png";
        ContactSheet.Write(images.Slice(first, count), file, (int)settings.Get(OptionTable.Count));
        invocation.Io.Out.WriteLine($"{split} images of {loaded.Data.Name}: {file}");
        return ExitCode.Done;
    }
}
