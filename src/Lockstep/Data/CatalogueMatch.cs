using System.Globalization;
using Lockstep.Data.Preparing;
using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Data;

/// <summary>Recognises a data set of the catalogue in files of the user's, whatever their format.</summary>
internal static class CatalogueMatch
{
    // All data sets of the catalogue have the form of MNIST.
    private const int Training = 60_000, Test = 10_000, Side = 28, Classes = 10;

    /// <summary>The data set of the catalogue that the files hold, by the digest of its test images; null for any other.</summary>
    /// <param name="parts">The parts of the files, in the order of the files.</param>
    /// <param name="path">Where they were found.</param>
    /// <param name="preparer">Reads them.</param>
    public static LoadedDataset? Of(RawParts parts, string path, Preparer preparer)
    {
        if (parts is not { Training.Count: Training, Validation: null, Test.Count: Test })
            return null;
        try
        {
            var preparation = new Preparation
            {
                Inputs = new ImageSpec(Side, Side, 1, IsResized: false),
                Classes = [.. Enumerable.Range(0, Classes).Select(label => label.ToString(CultureInfo.InvariantCulture))],
                Label = preparer.LabelOf(parts.Training),
                Split = new SplitSpec(null, null, 0),
            };
            Examples test = preparer.Apply(parts.Test, preparation, areLabelled: true);
            string sha256 = test.Sha256();
            if (DatasetCatalog.Sources.FirstOrDefault(source => source.TestSha256 == sha256) is not { } source)
                return null;
            Examples training = preparer.Apply(parts.Training, preparation, areLabelled: true);
            return new LoadedDataset(
                new Dataset(source.Name, training, test) { Path = path }, Path.GetFullPath(path),
                [$"These are the images of {source.Title}, so they are split as {source.Title} is, and the run is one on {source.Name}."]);
        }
        catch (DatasetException)
        {
            return null; // Not in its form; a fault in the files is told when they are prepared.
        }
    }
}
